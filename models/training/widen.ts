/**
 * A wider model that computes what a narrower one does, for training to go on with more room:
 * after Net2Net (Chen et al., arXiv 1511.05641), with new channels instead of doubled ones.
 */
import { isDeepStrictEqual } from 'node:util';
import type { TransformerConfig } from '../transformer/config';
import { initialWeights, parameterSpecs, type Weights } from '../transformer/parameters';

/** Fresh entries start at this share of a new model's, so that few displace a trained weight. */
const FRESH_SCALE = 0.25;

/** What may grow. */
const WIDTHS = ['dModel', 'heads', 'dMlp'] as const;

/**
 * Whether training can go on from the model `from` as the model `to`: alike but for the activations
 * kept, on which no parameter depends, and for widths, which may grow.
 */
export function canContinue(from: TransformerConfig, to: TransformerConfig): boolean {
  const widths = Object.fromEntries(WIDTHS.map((width) => [width, to[width]]));
  const { activationFraction } = to;
  if (!isDeepStrictEqual({ ...from, ...widths, activationFraction }, { ...to })) return false;
  // Positions are read behind the residual stream's channels, which keep their places.
  if (to.positions > 0) return WIDTHS.every((width) => to[width] === from[width]);
  return WIDTHS.every((width) => to[width] >= from[width]);
}

/** Share of a new model's size at which fresh entries of a matrix start: none where it writes. */
export function freshScale(name: string): number {
  return /(^embed|^unembed|\.out)\.weight$/.test(name) ? 0 : FRESH_SCALE;
}

/**
 * Weights of the model `to` from those of `from`. New channels of the residual stream, new heads and
 * new neurons read at random and write nothing: the predictions stay, and their writes get gradients.
 * The gains make up for the mean over more channels in RMSNorm.
 */
export function widened(
  weights: Weights,
  from: TransformerConfig,
  to: TransformerConfig,
  seed: number,
): Weights {
  const fresh = initialWeights(to, seed);
  const gainScale = Math.sqrt(from.dModel / to.dModel);
  const specsOf = (config: TransformerConfig) =>
    new Map(parameterSpecs(config).map((spec) => [spec.name, spec]));
  const narrow = specsOf(from);
  const newHeads = specsOf({ ...to, heads: to.heads - from.heads });
  for (const { name, shape } of parameterSpecs(to)) {
    const old = narrow.get(name)!;
    const data = fresh.get(name)!;
    const given = weights.get(name)!;
    if (shape.length === 2) for (let i = 0; i < data.length; i++) data[i] *= freshScale(name);
    const [rows, columns] = old.shape.length === 2 ? old.shape : [1, old.shape[0]];
    const width = shape[shape.length - 1];
    for (let row = 0; row < rows; row++) {
      data.set(given.subarray(row * columns, (row + 1) * columns), row * width);
    }
    if (name.endsWith('norm.gain')) for (let i = 0; i < data.length; i++) data[i] *= gainScale;
    // The new heads look back as far as a new model's heads do, the nearest to the farthest.
    if (name.endsWith('.recency')) data.set(newHeads.get(name)!.initial as number[], columns);
  }
  return fresh;
}
