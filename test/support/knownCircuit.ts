/** A model whose circuit is known: three nodes carry a token's sign to the answers, all else is noise. */
import { Rng } from '../../models/random';
import { everySite, siteWidth, type TransformerConfig } from '../../models/transformer/config';
import { withHeadMeans } from '../../models/transformer/means';
import { activationSites } from '../../models/transformer/nodes';
import { parameterSpecs, sizeOf, type Weights } from '../../models/transformer/parameters';

/** Tokens that decide, and the answers that they ask for. */
export interface KnownTokens {
  readonly causes: readonly [number, number];
  readonly answers: readonly [number, number];
}

/** Nodes that decide, in the order of computation. */
export const KNOWN_NODES = ['0.attn.act_in.0', '0.attn.v.1', '0.attn.resid_delta.2'];
/** The weights between them. */
export const KNOWN_EDGES = [
  { from: '0.attn.act_in.0', to: '0.attn.v.1', weight: 2 },
  { from: '0.attn.v.1', to: '0.attn.resid_delta.2', weight: 8 },
];
/** Their weights: the cause is read from channel 0, averaged by value channel 1, written to channel 2. */
const READ = 2;
const WRITE = 8;

export function knownConfig(vocab: number, dMlp = 5): TransformerConfig {
  return {
    ...{ layers: 1, dModel: 6, heads: 1, dHead: 3, dMlp, vocab, context: 64 },
    ...{ activationFraction: everySite(1), norm: 'none', activation: 'relu', biases: false },
    ...{ sinks: false, recency: false, bigram: 'none', tiedEmbeddings: false, positions: 0 },
  };
}

/** Weights of the known circuit among random ones that reach no answer. */
export function knownWeights(config: TransformerConfig, tokens: KnownTokens): Weights {
  const weights = new Map<string, Float32Array>();
  for (const { name, shape } of parameterSpecs(config)) {
    const rng = new Rng('known circuit', name);
    const data = new Float32Array(sizeOf(shape));
    if (name !== 'unembed.weight')
      for (let i = 0; i < data.length; i++) data[i] = 0.3 * rng.normal();
    weights.set(name, data);
  }
  const { dModel, heads, dHead, dMlp, vocab } = config;
  const set = (name: string, columns: number, row: number, column: number, value: number) => {
    weights.get(name)![row * columns + column] = value;
  };
  // Channel 0 belongs to the cause, and only the circuit reads it or writes channel 2.
  for (let token = 0; token < vocab; token++) {
    set('embed.weight', dModel, token, 0, 0);
    set('embed.weight', dModel, token, 2, 0);
  }
  const dAttn = heads * dHead;
  // Without queries attention is the mean over all positions so far.
  weights.get('layers.0.attn.q.weight')!.fill(0);
  for (const part of ['attn.k', 'attn.v', 'mlp.in']) {
    const columns = part === 'mlp.in' ? dMlp : dAttn;
    for (let column = 0; column < columns; column++) {
      set(`layers.0.${part}.weight`, columns, 0, column, 0);
      set(`layers.0.${part}.weight`, columns, 2, column, 0);
    }
  }
  for (let row = 0; row < dModel; row++) set('layers.0.attn.v.weight', dAttn, row, 1, 0);
  for (let row = 0; row < dAttn; row++) set('layers.0.attn.out.weight', dModel, row, 2, 0);
  for (let row = 0; row < dMlp; row++) set('layers.0.mlp.out.weight', dModel, row, 2, 0);
  set('embed.weight', dModel, tokens.causes[0], 0, 1);
  set('embed.weight', dModel, tokens.causes[1], 0, -1);
  set('layers.0.attn.v.weight', dAttn, 0, 1, READ);
  set('layers.0.attn.out.weight', dModel, 1, 2, WRITE);
  set('unembed.weight', vocab, 2, tokens.answers[0], 4);
  set('unembed.weight', vocab, 2, tokens.answers[1], -4);
  return weights;
}

/** Means of the model: none of the circuit's, some of the others'. */
export function knownMeans(config: TransformerConfig): Map<string, Float32Array> {
  const rng = new Rng('known circuit', 'means');
  const known = new Set(KNOWN_NODES);
  const means = activationSites(config).map(
    ({ name, site }) =>
      [
        name,
        Float32Array.from({ length: siteWidth(config, site) }, (_, i) =>
          known.has(`${name}.${i}`) || /resid_delta$/.test(name) ? 0 : 0.2 * rng.normal(),
        ),
      ] as const,
  );
  return withHeadMeans(config, new Map(means));
}
