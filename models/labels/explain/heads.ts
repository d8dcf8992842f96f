/** What the heads of a circuit look for on its prompts, and how much of that its channels make. */
import { patternRow, scoreOf } from '../../circuits/token/attention';
import type { WeightedModel } from '../../weights/modelWeights';
import { RECENCY_SPAN } from '../../transformer/model';
import { siteName, type NodeId } from '../../transformer/nodes';
import type { PairReading, PromptReading } from './readings';

/** A head with nodes of a circuit. */
export interface HeadNodes {
  readonly layer: number;
  readonly head: number;
  /** Channels of the head that are nodes of the circuit. */
  readonly q: readonly number[];
  readonly k: readonly number[];
  readonly v: readonly number[];
}

/** What a head does where its writes differ most between the sides of a pair. */
export interface HeadReading extends HeadNodes {
  /** In how many prompts it looks from the last token, and else from which most often. */
  readonly last: number;
  readonly from: Counted;
  /** The commonest tokens that get most of its attention, at most two. */
  readonly to: readonly Counted[];
  /** Mean share of that token, and of the sink. */
  readonly share: number;
  readonly sink: number;
  /** Mean score (nats) of that token: in all, by channels whose query or key is a node, by each such. */
  readonly score: number;
  readonly byNodes: number;
  readonly channels: readonly { readonly channel: number; readonly product: number }[];
  /** What distance takes off, on average and a token, and the sink's logit (nats). */
  readonly recency: number;
  readonly slope: number;
  readonly sinkLogit: number | null;
  readonly prompts: number;
}

/** A token and in how many prompts it was the one. */
export interface Counted {
  readonly id: number;
  readonly count: number;
}

/** The heads of a circuit's nodes, in the order of computation. */
export function headsOf(nodes: readonly NodeId[], dHead: number): HeadNodes[] {
  const found = new Map<string, { layer: number; head: number } & Record<'q' | 'k' | 'v', number[]>>(); // prettier-ignore
  for (const { layer, site, index } of nodes) {
    const which = /^attn\.([qkv])$/.exec(site)?.[1] as 'q' | 'k' | 'v' | undefined;
    if (!which) continue;
    const head = Math.floor(index / dHead);
    const key = `${layer}.${head}`;
    const own = found.get(key) ?? { layer, head, q: [], k: [], v: [] };
    own[which].push(index % dHead);
    found.set(key, own);
  }
  return [...found.values()].sort((a, b) => a.layer - b.layer || a.head - b.head);
}

/**
 * Reads a head on pairs.
 * @param writes channels of the layer's attention writes that are nodes of the circuit
 */
export function readHead(
  model: WeightedModel,
  nodes: HeadNodes,
  pairs: readonly PairReading[],
  writes: readonly number[],
): HeadReading {
  const { layer, head } = nodes;
  const queries = new Map<number, number>();
  const keys = new Map<number, number>();
  const sums = { share: 0, sink: 0, score: 0, recency: 0 };
  const products = new Float64Array(model.config.dHead);
  let last = 0;
  for (const pair of pairs) {
    const row = queryRow(model, layer, pair, writes);
    for (const reading of pair) {
      const { sites, prompt } = reading;
      const pattern = patternRow(model, sites, nodes, row);
      let key = 0;
      for (let k = 1; k <= row; k++) if (pattern[k + 1] > pattern[key + 1]) key = k;
      if (row === prompt.tokens.length - 1) last++;
      const made = scoreOf(model, sites, nodes, row, key);
      bump(queries, prompt.tokens[row]);
      bump(keys, prompt.tokens[key]);
      sums.share += pattern[key + 1];
      sums.sink += pattern[0];
      sums.score += made.score;
      sums.recency += made.recency;
      made.products.forEach((product, c) => (products[c] += product));
    }
  }
  const prompts = 2 * pairs.length;
  const own = [...new Set([...nodes.q, ...nodes.k])].sort((a, b) => a - b);
  const channels = own.map((channel) => ({ channel, product: products[channel] / prompts }));
  return {
    ...nodes,
    ...{ last, from: commonest(queries)[0], to: commonest(keys).slice(0, 2), prompts },
    ...{ share: sums.share / prompts, sink: sums.sink / prompts },
    ...{ score: sums.score / prompts, recency: sums.recency / prompts, channels },
    slope: (model.weights.get(`layers.${layer}.attn.recency`)?.[head] ?? 0) / RECENCY_SPAN,
    byNodes: channels.reduce((sum, { product }) => sum + product, 0),
    sinkLogit: model.weights.get(`layers.${layer}.attn.sink`)?.[head] ?? null,
  };
}

/** The row at which the writes differ most between the sides; the last where none does. */
function queryRow(
  { config }: WeightedModel,
  layer: number,
  [left, right]: PairReading,
  writes: readonly number[],
): number {
  const site = siteName(layer, 'attn.resid_delta');
  const length = Math.min(left.prompt.tokens.length, right.prompt.tokens.length);
  const value = ({ sites }: PromptReading, at: number) => sites.get(site)![at];
  const gap = (row: number) => {
    const at = row * config.dModel;
    return writes.reduce((sum, c) => sum + Math.abs(value(left, at + c) - value(right, at + c)), 0);
  };
  let best = length - 1;
  for (let row = length - 1; row >= 0; row--) if (gap(row) > gap(best)) best = row;
  return best;
}

function bump(counts: Map<number, number>, id: number): void {
  counts.set(id, (counts.get(id) ?? 0) + 1);
}

function commonest(counts: ReadonlyMap<number, number>): Counted[] {
  return [...counts].map(([id, count]) => ({ id, count })).sort((a, b) => b.count - a.count);
}
