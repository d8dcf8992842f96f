/** Tiny pairs of a sparse and a dense model with bridges between them. */
import { pairSpecs, type BridgedPair } from '../../models/bridges/parameters';
import { TO_DENSE, TO_SPARSE } from '../../models/bridges/graph';
import { Rng } from '../../models/random';
import { everySite, type TransformerConfig } from '../../models/transformer/config';
import { placesOf } from '../../models/transformer/model';
import { freshWeights } from '../../models/transformer/parameters';
import { array, type NdArray } from './arrays';
import { randomTokens, randomWeights, tinyConfig } from './models';

/** Models of different widths, heads and activations, and encoders that keep some channels. */
export function tinyPair(overrides: Partial<TransformerConfig> = {}): BridgedPair {
  return {
    sparse: tinyConfig(overrides),
    dense: tinyConfig({
      ...{ dModel: 12, heads: 3, dMlp: 20, activationFraction: everySite(1), positions: 0 },
      ...overrides,
    }),
    encoderKept: 10,
  };
}

/** Random weights of both models and of the bridges, nothing left at zero. */
export function pairWeights(pair: BridgedPair, seed: number): Map<string, Float32Array> {
  const dense = randomWeights(pair.dense, seed + 1);
  const fresh = freshWeights(pairSpecs(pair), seed);
  for (const [name, data] of fresh) {
    const rng = new Rng(seed, 'bias', name);
    if (name.endsWith('coder.bias')) data.forEach((_, i) => (data[i] = 0.3 * rng.normal()));
  }
  return new Map([
    ...fresh,
    ...randomWeights(pair.sparse, seed),
    ...[...dense].map(([name, data]) => [`dense.${name}`, data] as const),
  ]);
}

/** Feeds of a pair's graphs: random windows, hybrid passes that change model at some places. */
export function pairFeeds(
  pair: BridgedPair,
  weights: ReadonlyMap<string, Float32Array>,
  batch: number,
  place: (row: number, way: string) => number = (row, way) =>
    new Rng('place', row, way).int(placesOf(pair.sparse)),
): Record<string, NdArray> {
  const { context } = pair.sparse;
  const places = placesOf(pair.sparse);
  const rows = Array.from({ length: batch }, (_, row) =>
    randomTokens(pair.sparse, 30 + row, context + 1),
  );
  const choice = (way: string) =>
    array(
      [batch, places],
      rows.flatMap((_, row) =>
        Array.from({ length: places }, (__, i) => (i === place(row, way) ? 1 : 0)),
      ),
    );
  const feeds: Record<string, NdArray> = {
    tokens: array([batch, context], rows.map((row) => row.slice(0, -1)).flat()),
    targets: array([batch, context], rows.map((row) => row.slice(1)).flat()),
    [TO_SPARSE]: choice(TO_SPARSE),
    [TO_DENSE]: choice(TO_DENSE),
  };
  for (const { name, shape } of pairSpecs(pair)) feeds[name] = array(shape, weights.get(name)!);
  return feeds;
}
