/** Attention itself: queries, keys and values in, their mixture out. */
import type { Value } from '../graph/ir';
import * as ops from '../graph/ops';

/** One layer's attention; every head of every text at once. */
export interface Attention {
  /** Queries, already divided by √dHead, [batch, head, pos, dHead]. */
  readonly q: Value;
  /** Keys and values [batch, head, pos, dHead]. */
  readonly k: Value;
  readonly v: Value;
  /** Logit of each head's sink [1, head, 1, 1]. */
  readonly sink: Value | null;
  /** Slopes [1, head, 1, 1], and positions in their unit: the window's [context], the tokens' [pos]. */
  readonly recency: { readonly slope: Value; readonly all: Value; readonly here: Value } | null;
  /** Keys that a query may attend to, bool [pos, key]; the sink, if any, is the first key unless there is a past. */
  readonly allowed: Value;
  /** Keys and values of earlier positions, when the tokens continue a text. */
  readonly past: AttentionPast | undefined;
}

/** Earlier positions of the text that the tokens continue. */
export interface AttentionPast {
  /** Which of the earlier positions exist, bool [past]. */
  readonly known: Value;
  /** Keys and values of one layer, [past, head · dHead]. */
  readonly k: Value;
  readonly v: Value;
  /** Places of the tokens' own keys after the sink, if any, and the earlier keys, int32 [pos]. */
  readonly own: Value;
}

/** Values mixed over all positions up to each one [batch, head, pos, dHead]. */
export function attend(attention: Attention): Value {
  if (attention.past) return continueText(attention, attention.past);
  const { queries, keys, values } = withBiases(attention);
  const scores = only(attention.allowed, ops.matmul(queries, ops.swapLast(keys)));
  return ops.matmul(ops.softmax(scores), values);
}

/**
 * Scores of the keys that may be attended to. The others are replaced, not lowered: whatever number
 * stands there, their share is zero, and so is their gradient. Every query may attend to itself, so no
 * row is without a score.
 */
function only(allowed: Value, scores: Value): Value {
  return ops.where(allowed, scores, -Infinity);
}

/**
 * Sink and recency as further channels of queries and keys, so that they cost no pass over the scores.
 * The sink is one more key, before the first position, with value zero: a channel that is 1 in every
 * query holds its logit. Recency, slope · (key's place - query's place), takes that channel for the
 * key's term and one more, which holds the query's place, for the other; the sink has neither.
 */
function withBiases({ q, k, v, sink, recency }: Attention) {
  if (!sink && !recency) return { queries: q, keys: k, values: v };
  const channel = ops.slice(k, 3, 0, 1); // [batch, head, pos, 1], used for its shape
  const spread = (x: Value) => ops.expandLike(x, channel);
  const ones = spread(ops.scalar(1));
  let queries = ops.concat([q, ones], 3);
  let keys: Value;
  let values = v;
  if (recency) {
    const { slope } = recency;
    const here = ops.reshape(recency.here, [1, 1, recency.here.shape[0], 1]);
    queries = ops.concat([queries, spread(here)], 3);
    keys = ops.concat([k, spread(ops.mul(slope, here)), spread(ops.mul(slope, -1))], 3);
  } else {
    keys = ops.concat([k, spread(ops.scalar(0))], 3);
  }
  if (sink) {
    const first = ops.slice(v, 2, 0, 1); // [batch, head, 1, dHead], used for its shape
    const one = ops.slice(first, 3, 0, 1);
    const zeros = ops.expandLike(ops.scalar(0), first);
    const sinkKey = [zeros, ops.expandLike(sink, one)];
    if (recency) sinkKey.push(ops.expandLike(ops.scalar(0), one));
    keys = ops.concat([ops.concat(sinkKey, 3), keys], 2);
    values = ops.concat([zeros, v], 2);
  }
  return { queries, keys, values };
}

/** The same for positions after those of `past`. */
function continueText({ q, k, v, sink, recency, allowed }: Attention, past: AttentionPast): Value {
  const [, heads, pos, dHead] = q.shape;
  const length = past.known.shape[0] as number;
  const byHead = (x: Value) => ops.transpose(ops.reshape(x, [length, heads, dHead]), [1, 0, 2]); // [head, past, dHead]
  let earlier = ops.matmul(q, ops.swapLast(byHead(past.k))); // [batch, head, pos, past]
  let own = ops.matmul(q, ops.swapLast(k)); // [batch, head, pos, pos]
  if (recency) {
    const from = ops.reshape(recency.here, [pos, 1]);
    earlier = ops.add(earlier, ops.mul(recency.slope, ops.sub(recency.all, from)));
    own = ops.add(own, ops.mul(recency.slope, ops.sub(recency.here, from)));
  }
  const scores = [only(past.known, earlier), only(allowed, own)];
  if (sink) scores.unshift(ops.expandLike(sink, ops.slice(own, 3, 0, 1)));
  const first = sink ? 1 : 0;
  const weights = ops.softmax(ops.concat(scores, 3));
  const mixed = ops.matmul(ops.slice(weights, 3, first, first + length), byHead(past.v));
  return ops.add(mixed, ops.matmul(ops.gather(weights, past.own, 3), v));
}
