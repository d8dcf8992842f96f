/**
 * A model that does a task in two ways: a short path over mixed values, and one over a head that looks
 * at the cause, which needs its key. Beside them stand a weight that carries nothing that differs, and
 * a node that adds the same to every prompt.
 */
import { everySite, siteWidth, type TransformerConfig } from '../../models/transformer/config';
import { allSites } from '../../models/transformer/nodes';
import { parameterSpecs, sizeOf, type Weights } from '../../models/transformer/parameters';
import type { KnownTokens } from './knownCircuit';

/** Reads the cause, mixes it over all positions, writes it. */
export const SHORT_PATH = ['0.attn.act_in.0', '0.attn.v.0', '0.attn.resid_delta.2'];
/** Reads the cause, and that there is one; the key makes the head look there. */
export const LONG_PATH = [
  ...['0.attn.act_in.1', '0.attn.act_in.5', '0.attn.k.2', '0.attn.v.2', '0.attn.resid_delta.3'],
];
/** The query that the key meets; it is the same everywhere, so its mean does as well. */
export const QUERY = '0.attn.q.2';
/** Between nodes of the long path, the same for both prompts of a pair. */
export const USELESS_EDGE = '0.attn.act_in.5 0.attn.v.2';
/** Adds the same to every prompt, and something else when it is at its mean. */
export const BIAS_NODE = '0.mlp.post_act.0';

export function twoPathConfig(vocab: number): TransformerConfig {
  return {
    ...{ layers: 1, dModel: 8, heads: 2, dHead: 2, dMlp: 3, vocab, context: 64 },
    ...{ activationFraction: everySite(1), norm: 'none', activation: 'relu', biases: false },
    ...{ sinks: false, recency: false, bigram: 'none', tiedEmbeddings: false, positions: 0 },
  } as TransformerConfig;
}

export function twoPathWeights(config: TransformerConfig, tokens: KnownTokens): Weights {
  const weights: Weights = new Map(
    parameterSpecs(config).map(({ name, shape }) => [name, new Float32Array(sizeOf(shape))]),
  );
  const { dModel, heads, dHead, dMlp, vocab } = config;
  const set = (name: string, columns: number, row: number, column: number, value: number) => {
    weights.get(name)![row * columns + column] = value;
  };
  const [first, second] = tokens.causes;
  for (const [token, sign] of [
    [first, 1],
    [second, -1],
  ] as const) {
    set('embed.weight', dModel, token, 0, sign);
    set('embed.weight', dModel, token, 1, sign);
    set('embed.weight', dModel, token, 5, 1);
  }
  for (let token = 0; token < vocab; token++) {
    set('embed.weight', dModel, token, 6, 1);
    // What the node of the bias adds is taken away here, until it is at its mean.
    set('embed.weight', dModel, token, 2, -3);
  }
  const dAttn = heads * dHead;
  const attention = (part: string, row: number, column: number, value: number) => {
    set(`layers.0.attn.${part}.weight`, part === 'out' ? dModel : dAttn, row, column, value);
  };
  attention('v', 0, 0, 2);
  attention('out', 0, 2, 8);
  attention('q', 6, 2, 6);
  attention('k', 5, 2, 6);
  attention('v', 1, 2, 2);
  attention('v', 5, 2, 0.5);
  attention('out', 2, 3, 0.5);
  set('layers.0.mlp.in.weight', dMlp, 6, 0, 1);
  set('layers.0.mlp.out.weight', dModel, 0, 2, 3);
  for (const channel of [2, 3]) {
    set('unembed.weight', vocab, channel, tokens.answers[0], 4);
    set('unembed.weight', vocab, channel, tokens.answers[1], -4);
  }
  return weights;
}

/** Means: of what is the same everywhere its value, but for the node of the bias; else none. */
export function twoPathMeans(config: TransformerConfig): Map<string, Float32Array> {
  const means = new Map(
    allSites(config).map(({ name, site }) => [name, new Float32Array(siteWidth(config, site))]),
  );
  means.get('0.attn.act_in')![6] = 1;
  means.get('0.mlp.act_in')![6] = 1;
  means.get('0.attn.q')![2] = 6;
  return means;
}
