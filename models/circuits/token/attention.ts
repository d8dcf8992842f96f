/** Attention patterns from traced queries and keys, as the model computes them (`transformer/attention.ts`). */
import { RECENCY_SPAN } from '../../transformer/model';
import { siteName } from '../../transformer/nodes';
import type { WeightedModel } from '../../weights/modelWeights';

/** Activations of a window, [pos, node] by site name. */
export type Sites = ReadonlyMap<string, Float32Array>;

/** One head of a layer. */
export interface Head {
  readonly layer: number;
  readonly head: number;
}

/** Terms of the score (nats) of a key for a query: score = sum of products + recency. */
export interface Score {
  readonly score: number;
  /** Query × key / √dHead of each channel of the head, [dHead]. */
  readonly products: Float64Array;
  /** Penalty for the distance. */
  readonly recency: number;
}

/** Score of the key at row `key` for the query at row `query`. */
export function scoreOf(
  { config }: WeightedModel,
  sites: Sites,
  { layer, head }: Head,
  query: number,
  key: number,
): Score {
  const { heads, dHead } = config;
  const q = sites.get(siteName(layer, 'attn.q'))!;
  const k = sites.get(siteName(layer, 'attn.k'))!;
  const at = (row: number) => row * heads * dHead + head * dHead;
  const products = Float64Array.from(
    { length: dHead },
    (_, c) => (q[at(query) + c] * k[at(key) + c]) / Math.sqrt(dHead),
  );
  const slope = headNumber(sites, siteName(layer, 'attn.recency'), heads, head, query) ?? 0;
  const recency = (slope * (key - query)) / RECENCY_SPAN;
  return { score: products.reduce((a, b) => a + b, recency), products, recency };
}

/**
 * How a head's query at a row spreads its attention: first the share of the sink (0 without sinks),
 * then that of each row up to its own, [1 + key]. Sums to 1.
 */
export function patternRow(
  model: WeightedModel,
  sites: Sites,
  head: Head,
  query: number,
): Float64Array {
  const sinks = siteName(head.layer, 'attn.sink');
  const sink = headNumber(sites, sinks, model.config.heads, head.head, query) ?? -Infinity;
  const row = Float64Array.from({ length: query + 2 }, (_, i) =>
    i === 0 ? sink : scoreOf(model, sites, head, query, i - 1).score,
  );
  const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = row.map((score) => Math.exp(score - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** A head's number that the query of a row uses; undefined where the model's heads have none. */
function headNumber(sites: Sites, site: string, heads: number, head: number, row: number) {
  return sites.get(site)?.[row * heads + head];
}

/** A head's whole pattern [query, 1 + key], rows padded with zeros; column 0 is the sink's. */
export function pattern(
  model: WeightedModel,
  sites: Sites,
  head: Head,
  length: number,
): Float32Array {
  const rows = new Float32Array(length * (length + 1));
  for (let query = 0; query < length; query++) {
    rows.set(patternRow(model, sites, head, query), query * (length + 1));
  }
  return rows;
}
