/**
 * The transformer once more, small, slow and obviously right: float64 loops over one sequence that
 * share nothing with the graph but the parameter names. Parity tests measure the graph against it.
 */
import {
  FINAL_SITE,
  keptChannels,
  SITES,
  type Site,
  type TransformerConfig,
} from '../../models/transformer/config';
import { allSites, siteName } from '../../models/transformer/nodes';
import type { Weights } from '../../models/transformer/parameters';

/** One row a position. */
export type Rows = Float64Array[];

/** What replaces a site's value x: x * keep + add, both [pos][node]. */
export interface ReferenceIntervention {
  readonly keep: readonly ArrayLike<number>[];
  readonly add: readonly ArrayLike<number>[];
}

/** Everything that a forward pass computes. */
export interface ReferenceResult {
  /** [pos][vocab] */
  readonly logits: Rows;
  /** Value of every site, [pos][node], by site name, after AbsTopK and intervention. */
  readonly sites: Map<string, Rows>;
  /** Residual stream of each layer, [pos][dModel]. */
  readonly residual: { readonly afterAttention: Rows; readonly afterMlp: Rows }[];
}

/**
 * Runs one sequence.
 * @param tokens [pos], at most `config.context`
 * @param interventions by site name, e.g. `0.mlp.post_act`
 * @throws when a token, a site name or a parameter does not belong to the model
 */
export function referenceForward(
  config: TransformerConfig,
  weights: Weights,
  tokens: readonly number[],
  interventions: Readonly<Record<string, ReferenceIntervention>> = {},
): ReferenceResult {
  checkInputs(config, tokens, interventions);
  const parameter = (name: string) => parameterOf(weights, name);
  const sites = new Map<string, Rows>();
  const residual: { afterAttention: Rows; afterMlp: Rows }[] = [];

  /** AbsTopK, then the intervention; remembers the value. */
  const atSite = (layer: number, site: Site, rows: Rows): Rows => {
    const name = siteName(layer, site);
    const kept = rows.map((row) => absTopK(row, keptChannels(config, site)));
    const value = intervene(kept, interventions[name]);
    sites.set(name, value);
    return value;
  };
  const norm = (rows: Rows, name: string): Rows =>
    config.norm === 'none'
      ? rows
      : rows.map((row) => rmsNorm(row, parameter(`${name}.norm.gain`), config.normEpsilon));
  const linear = (rows: Rows, name: string): Rows => {
    const bias = config.biases ? parameter(`${name}.bias`) : undefined;
    return rows.map((row) => timesMatrix(row, parameter(`${name}.weight`), bias));
  };
  const read = (x: Rows, layer: number, part: 'attn' | 'mlp'): Rows => {
    const name = `layers.${layer}.${part}`;
    return atSite(layer, `${part}.act_in`, withPositions(config, weights, norm(x, name), name));
  };

  const embed = parameter('embed.weight');
  let x: Rows = tokens.map((token) => rowOf(embed, token, config.dModel));
  if (config.positionsAre === 'added') {
    const table = parameter('positions.weight');
    x = addRows(
      x,
      tokens.map((_, pos) => rowOf(table, pos, config.dModel)),
    );
  }
  for (let layer = 0; layer < config.layers; layer++) {
    const attn = `layers.${layer}.attn`;
    const attnRead = read(x, layer, 'attn');
    const q = atSite(layer, 'attn.q', linear(attnRead, `${attn}.q`));
    const k = atSite(layer, 'attn.k', linear(attnRead, `${attn}.k`));
    const v = atSite(layer, 'attn.v', linear(attnRead, `${attn}.v`));
    const everywhere = (which: 'sink' | 'recency') =>
      atSite(
        layer,
        `attn.${which}`,
        tokens.map(() => Float64Array.from(parameter(`${attn}.${which}`))),
      );
    const sinks = config.sinks ? everywhere('sink') : undefined;
    const slopes = config.recency ? everywhere('recency') : undefined;
    const mixed = attention(config, q, k, v, sinks, slopes);
    x = addRows(x, atSite(layer, 'attn.resid_delta', linear(mixed, `${attn}.out`)));
    const afterAttention = x;

    const mlp = `layers.${layer}.mlp`;
    const before = linear(read(x, layer, 'mlp'), `${mlp}.in`);
    const act = config.activation === 'gelu' ? gelu : relu;
    const after = atSite(
      layer,
      'mlp.post_act',
      before.map((row) => row.map(act)),
    );
    x = addRows(x, atSite(layer, 'mlp.resid_delta', linear(after, `${mlp}.out`)));
    residual.push({ afterAttention, afterMlp: x });
  }
  const last = config.finalResid ? atSite(config.layers, FINAL_SITE, x) : x;
  return { logits: logitsOf(config, weights, norm(last, 'final'), tokens), sites, residual };
}

/** Logits [pos][vocab] of the normed residual stream [pos][dModel], bigram row added. */
function logitsOf(
  config: TransformerConfig,
  weights: Weights,
  normed: Rows,
  tokens: readonly number[],
): Rows {
  const { dModel, vocab } = config;
  return normed.map((row, pos) => {
    const logits = new Float64Array(vocab);
    for (let token = 0; token < vocab; token++) {
      for (let channel = 0; channel < dModel; channel++) {
        const weight = config.tiedEmbeddings
          ? parameterOf(weights, 'embed.weight')[token * dModel + channel]
          : parameterOf(weights, 'unembed.weight')[channel * vocab + token];
        logits[token] += row[channel] * weight;
      }
      if (config.bigram !== 'none') {
        logits[token] += parameterOf(weights, 'bigram.table')[tokens[pos] * vocab + token];
      }
    }
    return logits;
  });
}

/** Causal attention of q, k, v [pos][head * dHead + channel]; head outputs side by side. */
function attention(
  config: TransformerConfig,
  q: Rows,
  k: Rows,
  v: Rows,
  sinks: Rows | undefined,
  slopes: Rows | undefined,
): Rows {
  const { heads, dHead } = config;
  return q.map((query, pos) => {
    const out = new Float64Array(heads * dHead);
    for (let head = 0; head < heads; head++) {
      const first = head * dHead;
      const scores: number[] = [];
      for (let source = 0; source <= pos; source++) {
        let score = 0;
        for (let c = first; c < first + dHead; c++) score += query[c] * k[source][c];
        const recency = ((slopes?.[pos][head] ?? 0) * (source - pos)) / 16;
        scores.push(score / Math.sqrt(dHead) + recency);
      }
      const pattern = softmax(scores, sinks?.[pos][head]);
      for (let source = 0; source <= pos; source++) {
        for (let c = first; c < first + dHead; c++) out[c] += pattern[source] * v[source][c];
      }
    }
    return out;
  });
}

/** Softmax of the scores; the sink, if any, only adds to the denominator. */
export function softmax(scores: readonly number[], sink?: number): number[] {
  const top = Math.max(...scores, sink ?? -Infinity);
  const powers = scores.map((score) => Math.exp(score - top));
  const sinkPower = sink === undefined ? 0 : Math.exp(sink - top);
  const sum = powers.reduce((a, b) => a + b, sinkPower);
  return powers.map((power) => power / sum);
}

/** Keeps every entry whose magnitude is at least the k-th largest; the rest become zero. */
export function absTopK(row: Float64Array, k: number): Float64Array {
  const magnitudes = [...row].map(Math.abs).sort((a, b) => b - a);
  const threshold = magnitudes[k - 1];
  return row.map((value) => (Math.abs(value) >= threshold ? value : 0));
}

/** x / sqrt(mean(x²) + ε) * gain. */
export function rmsNorm(row: Float64Array, gain: ArrayLike<number>, epsilon = 1e-5): Float64Array {
  const meanSquare = row.reduce((sum, value) => sum + value * value, 0) / row.length;
  return row.map((value, i) => (value / Math.sqrt(meanSquare + epsilon)) * gain[i]);
}

/** Exact GELU: x times the standard normal's cumulative distribution at x. */
export function gelu(x: number): number {
  return 0.5 * x * (1 + erf(x / Math.SQRT2));
}

function relu(x: number): number {
  return Math.max(0, x);
}

/** Error function by its all-positive series (Abramowitz and Stegun 7.1.6), to about 1e-15. */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** row [from] times matrix [from, to] plus bias [to]. */
function timesMatrix(row: Float64Array, matrix: Float32Array, bias?: Float32Array): Float64Array {
  const width = matrix.length / row.length;
  const out = new Float64Array(width);
  for (let to = 0; to < width; to++) {
    out[to] = bias?.[to] ?? 0;
    for (let from = 0; from < row.length; from++) out[to] += row[from] * matrix[from * width + to];
  }
  return out;
}

/** The rows with the learned vector of their position to the right: [pos][dModel + positions]. */
function withPositions(
  { positions, positionsAre, positionGains }: TransformerConfig,
  weights: Weights,
  rows: Rows,
  name: string,
): Rows {
  if (positions === 0 || positionsAre === 'added') return rows;
  const table = parameterOf(weights, 'positions.weight');
  const gains = positionGains ? parameterOf(weights, `${name}.positions.gain`) : undefined;
  return rows.map((row, pos) => {
    const beside = rowOf(table, pos, positions).map((value, i) => value * (gains?.[i] ?? 1));
    return Float64Array.of(...row, ...beside);
  });
}

function intervene(rows: Rows, intervention: ReferenceIntervention | undefined): Rows {
  if (!intervention) return rows;
  const { keep, add } = intervention;
  return rows.map((row, pos) => row.map((value, node) => value * keep[pos][node] + add[pos][node]));
}

function addRows(a: Rows, b: Rows): Rows {
  return a.map((row, pos) => row.map((value, i) => value + b[pos][i]));
}

function rowOf(matrix: Float32Array, row: number, width: number): Float64Array {
  return Float64Array.from(matrix.subarray(row * width, (row + 1) * width));
}

function parameterOf(weights: Weights, name: string): Float32Array {
  const data = weights.get(name);
  if (!data) throw new Error(`no parameter '${name}'; pass weights made for this config`);
  return data;
}

function checkInputs(
  config: TransformerConfig,
  tokens: readonly number[],
  interventions: Readonly<Record<string, ReferenceIntervention>>,
): void {
  if (tokens.length > config.context) {
    throw new Error(`${tokens.length} tokens, but the context is ${config.context}; pass fewer`);
  }
  const stray = tokens.find(
    (token) => !Number.isInteger(token) || token < 0 || token >= config.vocab,
  );
  if (stray !== undefined) {
    throw new Error(`token ${stray} is not in the vocabulary; pass 0 to ${config.vocab - 1}`);
  }
  const known = new Set(allSites(config).map((site) => site.name));
  const unknown = Object.keys(interventions).find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new Error(`no site '${unknown}'; write LAYER.SITE, with a site of ${SITES.join(', ')}`);
  }
}
