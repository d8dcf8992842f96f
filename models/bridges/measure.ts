/** What bridges are measured by and what they begin as: graphs beside the one of their loss. */
import type { Value } from '../graph/ir';
import * as ops from '../graph/ops';
import { bridgedPasses, crossEntropy, graphInputs, normalisedError, pass } from './graph';
import { denseParameters, type BridgedPair, type BridgePart } from './parameters';

/** Names of the measuring graph's outputs. */
export const placeOutput = (place: number, what: BridgePart) => `${place}.${what}`;
const PASSES = ['sparse', 'dense', 'denseToSparse', 'sparseToDense'] as const;
export type PassName = (typeof PASSES)[number];

/**
 * How good the bridges are on windows of the whole context. Inputs as those of the loss graph.
 * Outputs: the loss of both models and of both hybrid passes, the mean over the windows
 * (nats/token), and of every encoder and decoder squared error over variance.
 */
export function bridgeMeasureGraph(pair: BridgedPair, batch: number): Record<string, Value> {
  const { inputs, targets, choices } = graphInputs(pair, batch);
  const passes = bridgedPasses(pair, inputs, choices);
  const { sparse, dense, encoded, decoded, ...hybrids } = passes;
  const logprobs = { sparse: sparse.logprobs, dense: dense.logprobs, ...hybrids };
  return Object.fromEntries([
    ...PASSES.map((name) => [name, crossEntropy(logprobs[name], targets)] as const),
    ...encoded.map(
      (x, i) => [placeOutput(i, 'encoder'), normalisedError(x, sparse.streams[i])] as const,
    ),
    ...decoded.map(
      (x, i) => [placeOutput(i, 'decoder'), normalisedError(x, dense.streams[i])] as const,
    ),
  ]);
}

/** Names of the outputs below: of a stream with itself, or with what a bridge takes it to. */
export const gramOutput = (place: number, what: BridgePart | 'sparse' | 'dense') =>
  `gram.${place}.${what}`;

/**
 * Sums over the tokens of `batch` windows of products of channels, of which least squares are made.
 * Inputs: both models' parameters and `tokens` int32 [batch, pos]. Outputs by place: `sparse` and
 * `dense` [channel + 1, channel + 1], each stream with itself, where the last channel is constantly 1;
 * `encoder` [dense + 1, sparse] and `decoder` [sparse + 1, dense], with the other stream.
 */
export function bridgeGramGraph(pair: BridgedPair, batch: number): Record<string, Value> {
  const { inputs } = graphInputs(pair, batch);
  const dense = pass(pair.dense, { ...inputs, parameters: denseParameters(inputs.parameters) });
  const rows = (x: Value) => ops.reshape(x, [batch * pair.sparse.context, x.shape[2]]);
  const products = pass(pair.sparse, inputs).streams.flatMap((x, place) => {
    const [own, other] = [rows(x), rows(dense.streams[place])];
    const withOne = (y: Value) =>
      ops.swapLast(ops.concat([y, ops.expandLike(ops.scalar(1), ops.slice(y, 1, 0, 1))], 1));
    const [ownRows, otherRows] = [withOne(own), withOne(other)];
    return [
      [gramOutput(place, 'sparse'), ops.matmul(ownRows, ops.swapLast(ownRows))] as const,
      [gramOutput(place, 'dense'), ops.matmul(otherRows, ops.swapLast(otherRows))] as const,
      [gramOutput(place, 'encoder'), ops.matmul(otherRows, own)] as const,
      [gramOutput(place, 'decoder'), ops.matmul(ownRows, other)] as const,
    ];
  });
  return Object.fromEntries(products);
}
