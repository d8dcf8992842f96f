/** Tiny seeded models for tests. */
import { Rng } from '../../models/random';
import { everySite, siteWidth, type TransformerConfig } from '../../models/transformer/config';
import { withHeadMeans } from '../../models/transformer/means';
import { activationSites } from '../../models/transformer/nodes';
import { initialWeights, parameterSpecs } from '../../models/transformer/parameters';

/** A two-layer model with every part of the architecture switched on. */
export function tinyConfig(overrides: Partial<TransformerConfig> = {}): TransformerConfig {
  return {
    layers: 2,
    dModel: 16,
    heads: 4,
    dHead: 4,
    dMlp: 32,
    vocab: 40,
    context: 12,
    activationFraction: everySite(0.5),
    norm: 'rms',
    activation: 'gelu',
    biases: true,
    sinks: true,
    recency: true,
    bigram: 'frozen',
    tiedEmbeddings: false,
    positions: 3,
    ...overrides,
  };
}

/**
 * Random weights in which nothing is left at the value it starts with, so that a part left out
 * changes the result.
 * @param density expected fraction kept in every matrix and bias of the sparse set
 */
export function randomWeights(
  config: TransformerConfig,
  seed: number,
  density = 1,
): Map<string, Float32Array> {
  const weights = initialWeights(config, seed);
  for (const spec of parameterSpecs(config)) {
    const rng = new Rng(seed, 'test', spec.name);
    const data = weights.get(spec.name)!;
    if (spec.name === 'bigram.table') {
      // Whole sixteenths, as a counted table is stored.
      for (let i = 0; i < data.length; i++) data[i] = -rng.int(256) / 16;
    } else if (spec.std === 0) {
      for (let i = 0; i < data.length; i++) data[i] += 0.3 * rng.normal();
    }
    if (!spec.sparse) continue;
    for (let i = 0; i < data.length; i++) if (!rng.chance(density)) data[i] = 0;
  }
  return weights;
}

/** Random means of every node that has an activation: no zeros, so that mean and zero differ. */
export function randomMeans(config: TransformerConfig, seed: number): Map<string, Float32Array> {
  const means = activationSites(config).map(({ name, site }) => {
    const rng = new Rng(seed, 'means', name);
    return [
      name,
      Float32Array.from({ length: siteWidth(config, site) }, () => rng.normal()),
    ] as const;
  });
  return withHeadMeans(config, new Map(means));
}

/** Random tokens [pos] of the model's vocabulary. */
export function randomTokens(config: TransformerConfig, seed: number, length: number): number[] {
  const rng = new Rng(seed, 'tokens');
  return Array.from({ length }, () => rng.int(config.vocab));
}

/** Choices of the architecture, each a difference from the tiny model, by name. */
export const variants: Record<string, Partial<TransformerConfig>> = {
  'AbsTopK 1/2': {},
  'AbsTopK 1/4': { activationFraction: everySite(0.25) },
  'another fraction at every site': {
    activationFraction: {
      'attn.act_in': 0.9,
      'attn.q': 0.1,
      'attn.k': 0.2,
      'attn.v': 0.4,
      'attn.resid_delta': 0.5,
      'mlp.act_in': 0.6,
      'mlp.post_act': 0.7,
      'mlp.resid_delta': 1,
    },
  },
  'dense activations': { activationFraction: everySite(1) },
  'no biases': { biases: false },
  'no sinks': { sinks: false },
  'no recency': { recency: false },
  'neither sinks nor recency': { sinks: false, recency: false },
  'no positions': { positions: 0 },
  'positions with gains of their own': { positionGains: true },
  'positions added to the embedding': { positions: 16, positionsAre: 'added' },
  'another epsilon in the norms': { normEpsilon: 0.1 },
  'nodes on the last residual stream': { finalResid: true },
  'an exact count of channels at every site': {
    activationCount: {
      'attn.act_in': 3,
      'attn.q': 16,
      'attn.k': 1,
      'attn.v': 5,
      'attn.resid_delta': 7,
      'mlp.act_in': 9,
      'mlp.post_act': 11,
      'mlp.resid_delta': 16,
    },
  },
  ReLU: { activation: 'relu' },
  'tied embeddings': { tiedEmbeddings: true },
  'no norm': { norm: 'none' },
  'no bigram table': { bigram: 'none' },
  'trained bigram table': { bigram: 'trained' },
  'heads wider than the residual stream': { heads: 3, dHead: 8 },
  'one layer, one head, one channel each': { layers: 1, heads: 1, dHead: 1, dMlp: 1 },
  'everything off': {
    ...{ activationFraction: everySite(1), norm: 'none', activation: 'relu', biases: false },
    ...{ sinks: false, recency: false, bigram: 'none', tiedEmbeddings: true, positions: 0 },
  },
};
