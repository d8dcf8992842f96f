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
 * query holds its logit. Recency, slope · (key's place - query's place), takes a channel for each
 * term. Its factors stand on either side, since each has few digits and their products have many:
 * a training engine that multiplies numbers of 16 bits then loses nothing but digits of the slope.
 */
function withBiases({ q, k, v, sink, recency }: Attention) {
  if (!sink && !recency) return { queries: q, keys: k, values: v };
  const channel = ops.slice(k, 3, 0, 1); // [batch, head, pos, 1], used for its shape
  const spread = (x: Value | number) =>
    ops.expandLike(typeof x === 'number' ? ops.scalar(x) : x, channel);
  const [queries, keys] = [[q], [k]];
  if (sink) {
    queries.push(spread(1));
    keys.push(spread(0));
  }
  if (recency) {
    const { slope } = recency;
    const here = spread(ops.reshape(recency.here, [1, 1, recency.here.shape[0], 1]));
    queries.push(spread(slope), here);
    keys.push(here, spread(ops.neg(slope)));
  }
  const joined = { queries: ops.concat(queries, 3), keys: ops.concat(keys, 3), values: v };
  if (!sink) return joined;
  const first = ops.slice(v, 2, 0, 1); // [batch, head, 1, dHead], used for its shape
  const one = ops.slice(first, 3, 0, 1);
  const zeros = ops.expandLike(ops.scalar(0), first);
  const none = recency ? [1, 2].map(() => ops.expandLike(ops.scalar(0), one)) : [];
  const sinkKey = ops.concat([zeros, ops.expandLike(sink, one), ...none], 3);
  return {
    ...joined,
    keys: ops.concat([sinkKey, joined.keys], 2),
    values: ops.concat([zeros, v], 2),
  };
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
