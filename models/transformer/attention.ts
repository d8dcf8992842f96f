/** Attention itself: queries, keys and values in, their mixture out. */
import type { Dim, Value } from '../graph/ir';
import * as ops from '../graph/ops';

/** A number of each head. */
export interface HeadNumber {
  /** [1, head, 1, 1], or [batch, head, pos, 1] by the query that uses it. */
  readonly value: Value;
  /** Whether every query uses the same. */
  readonly everywhere: boolean;
}

/** What is added to scores, whatever queries and keys are. */
interface Biases {
  /** Logit of each head's sink. */
  readonly sink: HeadNumber | null;
  /** Slope of each head. */
  readonly slope: HeadNumber | null;
}

/** One layer's attention; every head of every text at once. */
export interface Attention extends Biases {
  /** Queries, already divided by √dHead, [batch, head, pos, dHead]. */
  readonly q: Value;
  /** Keys and values [batch, head, pos, dHead]. */
  readonly k: Value;
  readonly v: Value;
  /** Positions of the tokens in the unit of the slopes [pos]. */
  readonly here: Value;
  /** Keys that a query may attend to, bool [pos, key]; the sink, if any, is the first key. */
  readonly allowed: Value;
  /** Positions by which it may: of the queries, int32 [pos], and of the keys, int32 [key]. */
  readonly index: Value;
  readonly keyIndex: Value;
  /** Earlier positions, when the tokens continue a text; keys are then those of the whole context. */
  readonly past: AttentionPast | undefined;
}

/** Earlier positions of the text that the tokens continue. */
export interface AttentionPast {
  /** Keys and values of one layer, zero where no earlier position is, [context, head · dHead]. */
  readonly k: Value;
  readonly v: Value;
  /** Positions of these keys in the unit of the slopes, zero where no earlier position is [context]. */
  readonly places: Value;
  /** What the slopes are multiplied by at each: -1, and 0 where no earlier position is [context]. */
  readonly falls: Value;
  /** 1 where a key [sink and context] is the token's own, [pos, key]. */
  readonly own: Value;
  /** int32 [pos]: 0, 1, 2, … */
  readonly rows: Value;
  /** What those are made of, for whoever leaves out what is not earlier by its place. */
  readonly whole: {
    readonly k: Value;
    readonly v: Value;
    readonly places: Value;
    /** Position after that of each key [sink and context], int32 [key]. */
    readonly next: Value;
  };
}

/** Values mixed over all positions up to each one [batch, head, pos, dHead]. */
export function attend(attention: Attention): Value {
  if (attention.past) return continueText(attention, attention.past);
  const { q, here, allowed, index, keyIndex, sink, slope } = attention;
  const [keys, values] = withSink(biasedKeys(attention.k, here, -1, { sink, slope }), attention.v, {
    sink,
    slope,
  });
  const queries = biasedQueries(q, here, { sink, slope });
  const weights = ops.softmax(only(allowed, ops.matmul(queries, ops.swapLast(keys))));
  return ops.asAttention(ops.matmul(weights, values), {
    ...{ queries, keys, values, queryPlaces: index, keyPlaces: keyIndex, own: null },
  });
}

/**
 * Scores of the keys that may be attended to. The others are replaced, not lowered: whatever number
 * stands there, their share is zero, and so is their gradient. Every query may attend to itself, so no
 * row is without a score.
 */
function only(allowed: Value, scores: Value): Value {
  return ops.where(allowed, scores, -Infinity);
}

/** A value in the shape of one channel of x [a, b, row, channel]. */
function spread(value: Value, x: Value): Value {
  return ops.expandLike(value, ops.slice(x, 3, 0, 1));
}

/** Numbers [row] as [1, 1, row, 1]. */
function column(x: Value): Value {
  return ops.reshape(x, [1, 1, x.shape[0], 1]);
}

/**
 * Sink and recency as further channels of queries and keys, so that they cost no pass over the scores.
 * The sink is one more key, before the first position, with value zero: a channel that is 1 in its key
 * alone meets the logit that the query uses. Recency, slope · (key's place - query's place), takes a
 * channel for each term. Where all queries use one slope the second has it in the key and the place in
 * the query, since each has few digits and their product has many: a training engine that multiplies
 * numbers of 16 bits then loses nothing but digits of the slope.
 */
function biasedQueries(q: Value, here: Value, { sink, slope }: Biases): Value {
  const channels = [q];
  if (sink) channels.push(spread(sink.value, q));
  if (slope) {
    const place = column(here);
    const second = slope.everywhere ? place : ops.mul(slope.value, place);
    channels.push(spread(slope.value, q), spread(second, q));
  }
  return channels.length === 1 ? q : ops.concat(channels, 3);
}

/** Keys with those channels; `places` [row] are the keys' own, as is what the query's place is multiplied by. */
function biasedKeys(
  k: Value,
  places: Value,
  falls: Value | number,
  { sink, slope }: Biases,
): Value {
  const channels = [k];
  if (sink) channels.push(spread(ops.scalar(0), k));
  if (slope) {
    const fall = typeof falls === 'number' ? ops.scalar(falls) : column(falls);
    const second = slope.everywhere ? ops.mul(slope.value, fall) : fall;
    channels.push(spread(column(places), k), spread(second, k));
  }
  return channels.length === 1 ? k : ops.concat(channels, 3);
}

/** Keys and values with the sink's before them. */
function withSink(keys: Value, v: Value, { sink, slope }: Biases): [Value, Value] {
  if (!sink) return [keys, v];
  const zeros = ops.expandLike(ops.scalar(0), ops.slice(v, 2, 0, 1)); // [batch, head, 1, dHead]
  const one = ops.slice(zeros, 3, 0, 1);
  const sinkKey = [zeros, ops.expandLike(ops.scalar(1), one)];
  const none = ops.expandLike(ops.scalar(0), one);
  if (slope) sinkKey.push(none, none);
  return [ops.concat([ops.concat(sinkKey, 3), keys], 2), ops.concat([zeros, v], 2)];
}

/**
 * The same for positions after those of `past`, in the same arithmetic: each sum has the terms of the
 * one above in its order, with zeros where the tokens' own keys are, whose terms are put in or added
 * last. So a number differs from that of the whole text by nothing, where a product of matrices adds up
 * in the order of its inner axis, as ONNX Runtime's does on x64 for two rows and columns or more; hence
 * the further row below, and all variants as rows of one product.
 */
function continueText(
  { q, k, v, here, allowed, index, sink: sinks, slope: slopes }: Attention,
  past: AttentionPast,
): Value {
  const biases = { sink: sinks, slope: slopes };
  const [batch, heads, pos, dHead] = q.shape;
  const headFirst = (x: Value) => ops.transpose(x, [1, 0, 2, 3]);
  const first = (number: HeadNumber | null) =>
    number && { ...number, value: headFirst(number.value) };
  const [sink, slope] = [first(biases.sink), first(biases.slope)];
  const earlier = (x: Value) =>
    ops.transpose(ops.reshape(x, [1, past.places.shape[0], heads, dHead]), [2, 0, 1, 3]); // [head, 1, context, dHead]
  const [keys, values] = withSink(
    biasedKeys(earlier(past.k), past.places, past.falls, { sink, slope }),
    earlier(past.v),
    { sink, slope },
  );
  const together = (x: Value) => ops.reshape(x, [heads, 1, `${batch}*${pos}`, x.shape[3]]);
  const apart = (x: Value) => ops.reshape(x, [heads, batch, pos, x.shape[3]]);
  const withRow = (x: Value) => ops.concat([x, ops.slice(x, 2, 0, 1)], 2);
  const withoutRow = (x: Value) => ops.gather(x, past.rows, 2);

  const [asking, asked] = [biasedQueries(q, here, biases), biasedKeys(k, here, -1, biases)];
  const [queries, ownKeys] = [headFirst(asking), headFirst(asked)]; // [head, batch, pos, channel]
  const own = withoutRow(ops.matmul(withRow(queries), ops.swapLast(withRow(ownKeys)))); // [head, batch, pos, pos+1]
  const before = apart(ops.matmul(together(queries), ops.swapLast(keys))); // [head, batch, pos, key]
  const none = ops.mul(ops.slice(past.own, 0, 0, 1), 0); // for the further key [1, key]
  const scores = ops.add(before, ops.matmul(own, ops.concat([past.own, none], 0)));
  const weights = ops.softmax(only(allowed, scores));

  const mixed = apart(ops.matmul(together(weights), values)); // [head, batch, pos, dHead]
  const ownWeights = ops.matmul(weights, ops.swapLast(past.own)); // [head, batch, pos, pos]
  const rows = ops.reshape(past.rows, [pos, 1]);
  const same = ops.where(
    ops.greaterEqual(rows, past.rows),
    ops.where(ops.greaterEqual(past.rows, rows), 1, 0),
    0,
  );
  const terms = ops.concat([ops.expandLike(same, ownWeights), ownWeights], 3); // [head, batch, pos, pos+pos]
  const added = ops.matmul(withRow(terms), ops.concat([mixed, headFirst(v)], 2));
  return ops.asAttention(headFirst(withoutRow(added)), {
    ...{ queries: asking, ...wholePast(past, biases, [heads, dHead]) },
    queryPlaces: ops.expandLike(ops.slice(index, 0, 0, 1), index),
    own: { keys: asked, values: v, rows: past.rows },
  });
}

/** Keys and values of all places of the past [1, head, key, channel], and from which query on they count. */
function wholePast(
  { whole: { k, v, places, next } }: AttentionPast,
  biases: Biases,
  [heads, dHead]: readonly [Dim, Dim],
) {
  const byHead = (x: Value) =>
    ops.transpose(ops.reshape(x, [1, places.shape[0], heads, dHead]), [0, 2, 1, 3]);
  const [keys, values] = withSink(biasedKeys(byHead(k), places, -1, biases), byHead(v), biases);
  return { keys, values, keyPlaces: next };
}
