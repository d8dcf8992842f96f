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
export type LayerSite = (typeof SITES)[number];
/**
 * What attention adds to its scores, one node a head: not activations but numbers of the model, so the
 * same at every token. Ablated they are 0: the sink's logit that of a key at right angles to the query,
 * and no key nearer than another.
 */
export const HEAD_SITES = ['attn.sink', 'attn.recency'] as const;
export type HeadSite = (typeof HEAD_SITES)[number];
/** The residual stream before the final norm, once a model: a site of the models that name it. */
export const FINAL_SITE = 'final_resid';
export type Site = LayerSite | HeadSite | typeof FINAL_SITE;

/** Bounds far beyond any model that runs here, so that no file can ask for more memory than there is. */
const upTo = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
/** Ids of tokens and places in windows are stored in 16 bits. */
const SIXTEEN_BITS = 2 ** 16;
/** ONNX takes 2 GiB in one model: this many numbers, and 32 MB for the rest. */
const MOST_NUMBERS = 2 ** 29 - 2 ** 23;
const fraction = v.pipe(v.number(), v.gtValue(0), v.maxValue(1));

/** Added under the root of RMSNorm where a config does not say. */
const NORM_EPSILON = 1e-5;

const SizesSchema = v.strictObject({
  layers: upTo(1024),
  /** Width of the residual stream. */
  dModel: upTo(SIXTEEN_BITS),
  heads: upTo(4096),
  dHead: upTo(4096),
  dMlp: upTo(4 * SIXTEEN_BITS),
  vocab: upTo(SIXTEEN_BITS),
  /** Tokens in a window. */
  context: upTo(SIXTEEN_BITS),
  /** AbsTopK keeps this fraction of the largest magnitudes at each site; 1 switches it off. */
  activationFraction: v.strictObject(v.entriesFromList(SITES, fraction)),
  /** Channels that AbsTopK keeps exactly, where a model does not round the fraction to the nearest. */
  activationCount: v.optional(v.strictObject(v.entriesFromList(SITES, upTo(4 * SIXTEEN_BITS)))),
  norm: v.picklist(['rms', 'none']),
  /** Added under the root of RMSNorm; 1e-5 where absent. */
  normEpsilon: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1))),
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
  /** Width of learned positions, at most dModel; 0 for none. */
  positions: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(SIXTEEN_BITS)),
  /** Concatenated to every read, as where absent, or added to the embedding and then dModel wide. */
  positionsAre: v.optional(v.picklist(['concatenated', 'added'])),
  /** Concatenated positions have a learned gain a channel, of its own for every read. */
  positionGains: v.optional(v.boolean()),
  /** The channels of the residual stream before the final norm are nodes too. */
  finalResid: v.optional(v.boolean()),
});

/** A config whose model can be held in memory and given to ONNX Runtime. */
export const TransformerConfigSchema = v.pipe(
  SizesSchema,
  v.check(
    (config) => matrixEntries(config) <= MOST_NUMBERS,
    `the matrices have more than ${MOST_NUMBERS} numbers`,
  ),
  v.check(
    ({ heads, context }) => heads * context ** 2 <= MOST_NUMBERS,
    `heads × context² is more than ${MOST_NUMBERS}`,
  ),
  v.check(
    ({ positionsAre, positions, dModel }) => positionsAre !== 'added' || positions === dModel,
    'positions that are added must be as wide as dModel',
  ),
  v.check(
    (config) => !config.positionGains || besideWidth(config) > 0,
    'positionGains is for positions that are concatenated',
  ),
  v.check(
    (config) => SITES.every((site) => keptChannels(config, site) <= siteWidth(config, site)),
    'activationCount keeps more channels than a site has',
  ),
);

/** All sizes and switches of one model. */
export type TransformerConfig = v.InferOutput<typeof SizesSchema>;

/** Numbers in all matrices of a model, each as if it were dense. */
function matrixEntries(config: TransformerConfig): number {
  const { layers, dModel, heads, dHead, dMlp, vocab, context, positions } = config;
  const read = readWidth(config);
  const layer = heads * dHead * (3 * read + dModel) + dMlp * (read + dModel);
  const embeddings = (config.tiedEmbeddings ? 1 : 2) * vocab * dModel + context * positions;
  return layers * layer + embeddings + (config.bigram === 'none' ? 0 : vocab ** 2);
}

/** Width of the learned positions beside what attention and MLP read. */
export function besideWidth({ positions, positionsAre }: TransformerConfig): number {
  return positionsAre === 'added' ? 0 : positions;
}

/** Width of what attention and MLP read: the residual stream and the positions beside it. */
export function readWidth(config: TransformerConfig): number {
  return config.dModel + besideWidth(config);
}

/** Added under the root of RMSNorm. */
export function normEpsilon({ normEpsilon = NORM_EPSILON }: TransformerConfig): number {
  return normEpsilon;
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
    case FINAL_SITE:
      return config.dModel;
    case 'mlp.post_act':
      return config.dMlp;
    case 'attn.sink':
    case 'attn.recency':
      return config.heads;
  }
}

/** Whether a site's nodes are numbers of the model, one a head. */
export function isHeadSite(site: Site): site is HeadSite {
  return HEAD_SITES.some((known) => known === site);
}

/** The sites that a layer has, in the order of computation. */
export function layerSites({ sinks, recency }: TransformerConfig): (LayerSite | HeadSite)[] {
  const heads: HeadSite[] = [];
  if (sinks) heads.push('attn.sink');
  if (recency) heads.push('attn.recency');
  return SITES.flatMap((site) => (site === 'attn.resid_delta' ? [...heads, site] : [site]));
}

/** Channels that AbsTopK keeps at a site, at least one. */
export function keptChannels(config: TransformerConfig, site: Site): number {
  const width = siteWidth(config, site);
  if (site === FINAL_SITE || isHeadSite(site)) return width;
  const rounded = Math.max(1, Math.round(config.activationFraction[site] * width));
  return config.activationCount?.[site] ?? rounded;
}

/** The same fraction at every site of a layer. */
export function everySite(value: number): Record<LayerSite, number> {
  return Object.fromEntries(SITES.map((site) => [site, value])) as Record<LayerSite, number>;
}
