/**
 * The configuration of OpenAI's circuit-sparsity models (`beeg_config.json`) as one of ours. Every key
 * that may change what the model computes is understood or refused by name.
 */
import * as v from 'valibot';
import {
  SITES,
  siteWidth,
  TransformerConfigSchema,
  type LayerSite,
  type TransformerConfig,
} from '../transformer/config';
import { ImportError } from './error';

/** Tokens that the released models were trained on; their tables of positions are longer. */
const TRAINED_CONTEXT = 256;
/** Machine epsilon of float32, which PyTorch's RMSNorm takes where none is given. */
const EPSILON = 2 ** -23;

const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 24));
const flag = (silent: boolean) => v.optional(v.boolean(), silent);
const ConfigSchema = v.object({
  block_size: v.optional(size, 1024),
  vocab_size: v.optional(size, 50304),
  n_layer: v.optional(size, 12),
  n_head: v.optional(size, 12),
  d_model: v.optional(size, 768),
  d_head: v.nullish(size),
  d_mlp: v.nullish(size),
  /** Older name of `d_mlp`. */
  n_mlp: v.nullish(size),
  bias: flag(true),
  rms_norm: flag(false),
  residual_activation_type: v.optional(v.picklist(['identity', 'relu']), 'identity'),
  activation_type: v.optional(v.picklist(['gelu', 'relu']), 'gelu'),
  /** Share of the channels that AbsTopK keeps, at the places of `afrac_loctypes`. */
  afrac: v.nullish(v.pipe(v.number(), v.gtValue(0), v.maxValue(1))),
  afrac_loctypes: v.optional(v.string(), 'attn_in,attn_out,mlp_in,mlp_out'),
  tied_unembed: flag(true),
  enable_bigram_table: flag(false),
  /** Width of positions beside every read; null where they are added to the embedding. */
  d_pos_emb: v.nullish(size),
  sink: flag(false),
});
export type OpenAiConfig = v.InferOutput<typeof ConfigSchema>;

/** Keys of training and of implementations: no value of theirs changes what the model computes. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  ...['dropout', 'ln_bias', 'learnable_bigram_table', 'sinusoidal_cat_pos_emb'],
  ...['dropout_cat_pos_emb', 'flash', 'tokenizer_name', 'grad_checkpointing', 'debug_nans'],
  ...['enable_sparse_kernels', 'ignore_dw_grad', 'pfrac', 'expansion_factor'],
  ...['expansion_factor_mlp', 'debug_exact_topk', 'sparse_matmul_impl', 'mup_width_multiplier'],
  ...['afrac_ste', 'afrac_ste_only_non_neurons'],
]);
/** Keys that change the model unless they have this value. */
const ONLY: Readonly<Record<string, false | null>> = {
  ...{ afrac_approx: false, rtopk: false, use_tied_aux_matrix: false, mup: false },
  ...{ scale_invariance: false, enable_fp8_linear: false },
  ...{ bigram_table_rank: null, unembed_rank: null, n_embd: null },
};
/** Keys that a `config.json` of the Hugging Face form has beside them, about the library. */
const LIBRARY =
  /^(_|architectures$|auto_map$|dtype$|model_type$|torch_dtype$|transformers_version$)/;

const PLACES: Readonly<Record<string, LayerSite>> = {
  attn_in: 'attn.act_in',
  attn_q: 'attn.q',
  attn_k: 'attn.k',
  attn_v: 'attn.v',
  attn_out: 'attn.resid_delta',
  mlp_in: 'mlp.act_in',
  mlp_neuron: 'mlp.post_act',
  mlp_out: 'mlp.resid_delta',
};

/**
 * Their configuration from JSON.
 * @throws ImportError that names the first key that cannot be taken
 */
export function parseOpenAiConfig(json: unknown, file: string): OpenAiConfig {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ImportError(`${file} is not a model's configuration; give the folder of a model`);
  }
  for (const [key, value] of Object.entries(json)) {
    if (Object.hasOwn(ConfigSchema.entries, key) || WITHOUT_EFFECT.has(key)) continue;
    if (LIBRARY.test(key)) continue;
    const shown = JSON.stringify(value);
    if (!Object.hasOwn(ONLY, key)) {
      throw new ImportError(
        `${file} has '${key}', which this version does not know and which could change the model`,
      );
    }
    if (value !== ONLY[key]) throw cannot(file, `'${key}' of ${shown}`);
  }
  const result = v.safeParse(ConfigSchema, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new ImportError(`${file}, ${v.getDotPath(issue) ?? 'top level'}: ${issue.message}`);
}

/** The configuration as one of ours, with positions as the file has them. */
export function configOf(theirs: OpenAiConfig, file: string): TransformerConfig {
  if (!theirs.rms_norm) throw cannot(file, 'LayerNorm (rms_norm is false)');
  if (theirs.residual_activation_type !== 'identity') {
    throw cannot(file, 'ReLU on the residual stream (residual_activation_type)');
  }
  const dModel = theirs.d_model;
  const beside = theirs.d_pos_emb ?? null;
  const sized = {
    layers: theirs.n_layer,
    dModel,
    heads: theirs.n_head,
    dHead: theirs.d_head ?? Math.floor(dModel / theirs.n_head),
    dMlp: theirs.d_mlp ?? theirs.n_mlp ?? 4 * dModel,
    vocab: theirs.vocab_size,
    context: Math.min(theirs.block_size, TRAINED_CONTEXT),
    norm: 'rms',
    normEpsilon: EPSILON,
    activation: theirs.activation_type,
    biases: theirs.bias,
    sinks: theirs.sink,
    recency: false,
    bigram: theirs.enable_bigram_table ? 'trained' : 'none',
    tiedEmbeddings: theirs.tied_unembed,
    positions: beside ?? dModel,
    ...(beside === null ? { positionsAre: 'added' } : { positionGains: true }),
    finalResid: true,
  };
  const every = Object.fromEntries(SITES.map((site) => [site, 1]));
  const config = parse({ ...sized, activationFraction: every }, file);
  const everything = theirs.afrac === null || theirs.afrac === undefined;
  return everything ? config : parse({ ...config, ...kept(theirs, config, file) }, file);
}

/** What AbsTopK keeps: floor(fraction · width) channels at the places that are listed. */
function kept(theirs: OpenAiConfig, config: TransformerConfig, file: string) {
  const afrac = theirs.afrac ?? 1;
  const activationFraction = { ...config.activationFraction };
  const activationCount = Object.fromEntries(
    SITES.map((site) => [site, siteWidth(config, site)]),
  ) as Record<LayerSite, number>;
  for (const place of theirs.afrac_loctypes.split(',').map((name) => name.trim())) {
    if (/^resid_post_(attn|mlp)$/.test(place)) throw cannot(file, `AbsTopK at ${place}`);
    if (!Object.hasOwn(PLACES, place)) {
      throw new ImportError(`${file}, afrac_loctypes: '${place}' is not a known place`);
    }
    const site = PLACES[place];
    activationFraction[site] = afrac;
    activationCount[site] = Math.floor(afrac * siteWidth(config, site));
    if (activationCount[site] === 0) throw cannot(file, `AbsTopK with k = 0 at ${place}`);
  }
  return { activationFraction, activationCount };
}

function cannot(file: string, what: string): ImportError {
  return new ImportError(`${file} asks for ${what}, which this version cannot run`);
}

/** The config if it is within our bounds. */
function parse(config: unknown, file: string): TransformerConfig {
  const result = v.safeParse(TransformerConfigSchema, config);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue);
  throw new ImportError(
    `${file}${where ? `, ${where}` : ''}: ${issue.message}; the model is too large for this version, or of another kind`,
  );
}
