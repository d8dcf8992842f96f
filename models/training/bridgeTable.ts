/** What bridges are worth on held-out text, place by place. */
import { TO_DENSE, TO_SPARSE } from '../bridges/graph';
import { bridgeMeasureGraph, placeOutput, type PassName } from '../bridges/measure';
import { pairSpecs, type BridgedPair } from '../bridges/parameters';
import { ort } from '../onnxRuntime';
import { createSession } from '../engines/session';
import { placesOf } from '../transformer/model';
import type { Weights } from '../transformer/parameters';
import type { Batch } from './data';

/** Windows that are run together, and how many of them at most. */
const BATCH = 4;
const ROUNDS = 24;

/** One place of the residual stream, before an attention or an MLP. */
interface PlaceRow {
  /** `0.attn`, `0.mlp`, … */
  readonly place: string;
  /** Share of the variance of the one stream that the bridge gives from the other. */
  readonly encoderExplains: number;
  readonly decoderExplains: number;
  /** Losses (nats/token) of the passes that change model there, less the dense model's own. */
  readonly denseToSparse: number;
  readonly sparseToDense: number;
}

/** Bridges on held-out windows. Losses in nats/token. */
interface BridgeTable {
  readonly windows: number;
  readonly denseLoss: number;
  readonly sparseLoss: number;
  readonly places: readonly PlaceRow[];
}

/**
 * Runs both models and every hybrid on windows.
 * @param weights parameters of `pairSpecs`
 */
export async function bridgeTable(
  pair: BridgedPair,
  weights: Weights,
  batch: Batch,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<BridgeTable> {
  const { context } = pair.sparse;
  const places = placesOf(pair.sparse);
  const size = BATCH * context;
  const rounds = Math.min(ROUNDS, Math.floor(batch.tokens.length / size));
  const session = await createSession(bridgeMeasureGraph(pair, BATCH), 1);
  const parameters = Object.fromEntries(
    pairSpecs(pair).map(({ name, shape }) => [
      name,
      new ort.Tensor('float32', weights.get(name)!, shape),
    ]),
  );
  const sums = Array.from({ length: places }, () => new Map<string, number>());
  try {
    for (let round = 0; round < rounds; round++) {
      const part = (ids: Int32Array) =>
        new ort.Tensor('int32', ids.slice(round * size, (round + 1) * size), [BATCH, context]);
      const text = { tokens: part(batch.tokens), targets: part(batch.targets) };
      for (const [place, sum] of sums.entries()) {
        const chosen = Float32Array.from({ length: BATCH * places }, (_, i) =>
          i % places === place ? 1 : 0,
        );
        const choice = new ort.Tensor('float32', chosen, [BATCH, places]);
        const feeds = { ...parameters, ...text, [TO_SPARSE]: choice, [TO_DENSE]: choice };
        const results = await session.run(feeds);
        for (const [name, { data }] of Object.entries(results)) {
          sum.set(name, (sum.get(name) ?? 0) + (data as Float32Array)[0] / rounds);
        }
        onProgress(round * places + place + 1, rounds * places);
      }
    }
  } finally {
    await session.release();
  }
  const lossAt = (place: number, pass: PassName) => sums[place].get(pass)!;
  const denseLoss = lossAt(0, 'dense');
  return {
    windows: rounds * BATCH,
    denseLoss,
    sparseLoss: lossAt(0, 'sparse'),
    places: sums.map((sum, place) => ({
      place: `${place >> 1}.${place % 2 === 0 ? 'attn' : 'mlp'}`,
      encoderExplains: 1 - sum.get(placeOutput(place, 'encoder'))!,
      decoderExplains: 1 - sum.get(placeOutput(place, 'decoder'))!,
      denseToSparse: lossAt(place, 'denseToSparse') - denseLoss,
      sparseToDense: lossAt(place, 'sparseToDense') - denseLoss,
    })),
  };
}
