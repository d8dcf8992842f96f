/**
 * What bridges begin as: the linear maps that are best, in least squares, on a few windows of the
 * training mix. Two models trained apart are then joined as well as they can be before the first step.
 */
import { bridgeGramGraph, gramOutput } from '../bridges/measure';
import {
  bridgeParameter,
  pairSpecs,
  type BridgedPair,
  type BridgePart,
} from '../bridges/parameters';
import { ort } from '../onnxRuntime';
import { createSession } from '../engines/session';
import { placesOf } from '../transformer/model';
import type { Weights } from '../transformer/parameters';

/** Windows that are run together. */
const BATCH = 4;
/** Added to the diagonal, as a share of its mean: streams have directions in which nothing happens. */
const RIDGE = 1e-4;

/**
 * Encoders and decoders by name.
 * @param weights both models' parameters, by the names of `pairSpecs`
 * @param tokens windows of the whole context [window · pos]
 */
export async function leastSquaresBridges(
  pair: BridgedPair,
  weights: Weights,
  tokens: Int32Array,
): Promise<Map<string, Float32Array>> {
  const { context } = pair.sparse;
  const session = await createSession(bridgeGramGraph(pair, BATCH), 1);
  const sums = new Map<string, Float64Array>();
  try {
    const parameters = Object.fromEntries(
      pairSpecs(pair)
        .filter(({ name }) => session.inputNames.includes(name))
        .map(({ name, shape }) => [name, new ort.Tensor('float32', weights.get(name)!, shape)]),
    );
    const size = BATCH * context;
    for (let at = 0; at + size <= tokens.length; at += size) {
      const part = new ort.Tensor('int32', tokens.slice(at, at + size), [BATCH, context]);
      const results = await session.run({ ...parameters, tokens: part });
      for (const [name, { data }] of Object.entries(results)) {
        const sum = sums.get(name) ?? new Float64Array(data.length);
        (data as Float32Array).forEach((x, i) => (sum[i] += x));
        sums.set(name, sum);
      }
    }
  } finally {
    await session.release();
  }
  const bridges = new Map<string, Float32Array>();
  for (let place = 0; place < placesOf(pair.sparse); place++) {
    const fit = (part: BridgePart, from: 'dense' | 'sparse', inputs: number, outputs: number) => {
      const own = sums.get(gramOutput(place, from))!;
      const cross = sums.get(gramOutput(place, part))!;
      const solution = solveRidge(own, cross, inputs + 1, outputs);
      const entries = inputs * outputs;
      bridges.set(bridgeParameter(place, part, 'weight'), solution.slice(0, entries));
      bridges.set(bridgeParameter(place, part, 'bias'), solution.slice(entries));
    };
    fit('encoder', 'dense', pair.dense.dModel, pair.sparse.dModel);
    fit('decoder', 'sparse', pair.sparse.dModel, pair.dense.dModel);
  }
  return bridges;
}

/**
 * Solves (A + ridge) X = B by Cholesky's decomposition.
 * @param a [size, size], symmetric; the last row is of the constant, which has no ridge
 * @param b [size, columns]
 */
function solveRidge(a: Float64Array, b: Float64Array, size: number, columns: number): Float32Array {
  const lower = Float64Array.from(a);
  let trace = 0;
  for (let i = 0; i < size - 1; i++) trace += a[i * size + i];
  const ridge = (RIDGE * trace) / Math.max(1, size - 1);
  for (let i = 0; i < size - 1; i++) lower[i * size + i] += ridge;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = lower[i * size + j];
      for (let k = 0; k < j; k++) sum -= lower[i * size + k] * lower[j * size + k];
      lower[i * size + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[j * size + j];
    }
  }
  const x = Float64Array.from(b);
  const eliminate = (to: number, from: number, factor: number) => {
    for (let c = 0; c < columns; c++) x[to * columns + c] -= factor * x[from * columns + c];
  };
  const divide = (row: number) => {
    for (let c = 0; c < columns; c++) x[row * columns + c] /= lower[row * size + row];
  };
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) eliminate(i, k, lower[i * size + k]);
    divide(i);
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) eliminate(i, k, lower[k * size + i]);
    divide(i);
  }
  return Float32Array.from(x);
}
