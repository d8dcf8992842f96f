/**
 * The weight-sparse transformer's choices, each a field: Gao et al., "Weight-sparse transformers have
 * interpretable circuits", arXiv 2511.13653 (2025), section 2.1 and appendix. A dense model is the
 * same code with every fraction at 1.
 */
import * as v from 'valibot';

/** The eight places of a layer where channels are read, masked and ablated. */
export const SITES = [
  'attn.act_in',
  'attn.q',
  'attn.k',
  'attn.v',
  'attn.resid_delta',
  'mlp.act_in',
  'mlp.post_act',
  'mlp.resid_delta',
] as const;
export type Site = (typeof SITES)[number];

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const fraction = v.pipe(v.number(), v.gtValue(0), v.maxValue(1));

export const TransformerConfigSchema = v.strictObject({
  layers: count,
  /** Width of the residual stream. */
  dModel: count,
  heads: count,
  dHead: count,
  dMlp: count,
  vocab: count,
  /** Tokens in a window. */
  context: count,
  /** AbsTopK keeps this fraction of the largest magnitudes at each site; 1 switches it off. */
  activationFraction: v.strictObject(v.entriesFromList(SITES, fraction)),
  norm: v.picklist(['rms', 'none']),
  activation: v.picklist(['gelu', 'relu']),
  /** Biases of q, k, v, attention output and both MLP matrices. */
  biases: v.boolean(),
  /** One learnable logit a head that only adds to the softmax denominator. */
  sinks: v.boolean(),
  /**
   * One learnable slope a head: scores fall by it, in nats, for every 16 tokens between query and key
   * (as in ALiBi, Press et al., arXiv 2108.12409, where slopes are fixed).
   */
  recency: v.optional(v.boolean(), false),
  /** Row of the last token added to the logits: absent, given as counted, or trained too. */
  bigram: v.picklist(['none', 'frozen', 'trained']),
  tiedEmbeddings: v.boolean(),
  /** Width of learned positions concatenated to every read, at most dModel; 0 for none. */
  positions: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

/** All sizes and switches of one model. */
export type TransformerConfig = v.InferOutput<typeof TransformerConfigSchema>;

/** Width of what attention and MLP read: the residual stream and the positions beside it. */
export function readWidth(config: TransformerConfig): number {
  return config.dModel + config.positions;
}

/** Number of channels of a site. */
export function siteWidth(config: TransformerConfig, site: Site): number {
  switch (site) {
    case 'attn.act_in':
    case 'mlp.act_in':
      return readWidth(config);
    case 'attn.q':
    case 'attn.k':
    case 'attn.v':
      return config.heads * config.dHead;
    case 'attn.resid_delta':
    case 'mlp.resid_delta':
      return config.dModel;
    case 'mlp.post_act':
      return config.dMlp;
  }
}

/** Channels that AbsTopK keeps at a site, at least one. */
export function keptChannels(config: TransformerConfig, site: Site): number {
  return Math.max(1, Math.round(config.activationFraction[site] * siteWidth(config, site)));
}

/** The same fraction at every site. */
export function everySite(value: number): Record<Site, number> {
  return Object.fromEntries(SITES.map((site) => [site, value])) as Record<Site, number>;
}
