import { describe, expect, it } from 'vitest';
import type { Value } from '../../../models/graph/ir';
import { gradients } from '../../../models/graph/gradient';
import * as ops from '../../../models/graph/ops';
import { Rng } from '../../../models/random';
import { stepsTo } from '../../../models/sparse/steps';
import { array, expectClose, sizeOf } from '../../support/arrays';
import { evaluate, type Feeds } from '../../support/evaluate';
import { runSparse } from '../../support/sparseGraph';

/** Sums of some hundred shares in float32. */
const TOLERANCE = 1e-5;

const random = (shape: readonly number[]) => {
  const rng = new Rng('attention', shape.join());
  // Of some size, so that shares are not all alike.
  return array(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => 2 * rng.normal()),
  );
};
const countedFrom = (first: number, length: number) =>
  array(
    [length],
    Int32Array.from({ length }, (_, i) => first + i),
  );
const placesOf = (name: string, length: number) => ops.input(name, [length], 'int32');

/** Attention of queries [batch, head, pos, channel] at some places to keys from place 0 on. */
function window([batch, heads, pos, channels]: number[], keys: number, width: number) {
  const feeds: Feeds = {
    q: random([batch, heads, pos, channels]),
    k: random([batch, heads, keys, channels]),
    v: random([batch, heads, keys, width]),
    index: countedFrom(keys - pos, pos),
    keyIndex: countedFrom(0, keys),
  };
  const [queries, k, v] = ['q', 'k', 'v'].map((name) => ops.input(name, feeds[name].shape));
  const [queryPlaces, keyPlaces] = [placesOf('index', pos), placesOf('keyIndex', keys)];
  const allowed = ops.greaterEqual(ops.reshape(queryPlaces, [pos, 1]), keyPlaces);
  const scores = ops.matmul(queries, ops.swapLast(k));
  const plain = ops.matmul(ops.softmax(ops.where(allowed, scores, -Infinity)), v);
  const form = { queries, keys: k, values: v, queryPlaces, keyPlaces, own: null };
  return { y: ops.asAttention(plain, form), feeds };
}

/** Texts that continue `keys` earlier positions, of which the first `seen` count. */
function continued([batch, heads, pos, channels]: number[], keys: number, seen: number) {
  const feeds: Feeds = {
    q: random([batch, heads, pos, channels]),
    k: random([1, heads, keys, channels]),
    v: random([1, heads, keys, channels]),
    ownK: random([batch, heads, pos, channels]),
    ownV: random([batch, heads, pos, channels]),
    index: countedFrom(seen, 1),
    keyPlaces: countedFrom(1, keys),
    rows: countedFrom(0, pos),
  };
  const [q, k, v, ownK, ownV] = ['q', 'k', 'v', 'ownK', 'ownV'].map((name) =>
    ops.input(name, feeds[name].shape),
  );
  const [index, next, rows] = [
    placesOf('index', 1),
    placesOf('keyPlaces', keys),
    placesOf('rows', pos),
  ];
  const expand = (x: Value, own: Value) => {
    const one = ops.mul(ops.slice(own, 2, 0, 1), 0); // [batch, head, 1, channel]
    return ops.concat([ops.add(x, one), own], 2);
  };
  const past = ops.where(ops.greaterEqual(index, next), 1, 0); // [key]
  const earlier = ops.mul(
    ops.reshape(past, [1, keys]),
    ops.constant(new Float32Array(pos).fill(1), [pos, 1]),
  );
  const own = ops.where(ops.greaterEqual(ops.reshape(rows, [pos, 1]), rows), 1, 0);
  const allowed = ops.greaterEqual(ops.concat([earlier, own], 1), 0.5);
  const scores = ops.matmul(q, ops.swapLast(expand(k, ownK)));
  const weights = ops.softmax(ops.where(allowed, scores, -Infinity));
  const form = {
    ...{ queries: q, keys: k, values: v, keyPlaces: next },
    queryPlaces: ops.expandLike(index, rows),
    own: { keys: ownK, values: ownV, rows },
  };
  return { y: ops.asAttention(ops.matmul(weights, expand(v, ownV)), form), feeds };
}

async function expectSame({ y, feeds }: { y: Value; feeds: Feeds }, threads = 1): Promise<void> {
  expect(stepsTo([y], () => false).at(-1)!.attention).not.toBeNull();
  const [expected, actual] = [evaluate({ y }, feeds), await runSparse({ y }, feeds, threads)];
  expectClose(actual.y, expected.y, TOLERANCE, 'attention');
}

describe('attention in one go is that of its parts', () => {
  it.each([
    [[1, 2, 1, 3], 1],
    [[1, 2, 5, 4], 9],
    [[1, 3, 15, 4], 15],
    [[1, 2, 16, 8], 16],
    [[2, 3, 17, 5], 17],
    [[2, 2, 40, 8], 40],
    [[3, 1, 33, 7], 50],
  ])('of queries %j to %i keys', async (shape, keys) => {
    await expectSame(window(shape, keys, 4));
    await expectSame(window(shape, keys, 5));
  });

  it('in several threads', async () => {
    await expectSame(window([2, 4, 70, 8], 70, 8), 3);
  });

  it.each([
    [[1, 2, 1, 4], 12, 7],
    [[1, 2, 1, 4], 12, 0],
    [[20, 2, 1, 4], 12, 7],
    [[20, 2, 1, 5], 12, 12],
    [[3, 2, 4, 4], 12, 7],
    [[9, 2, 3, 4], 12, 7],
    [[1, 2, 40, 4], 12, 7],
  ])('of texts %j that continue %i positions, of which %i count', async (shape, keys, seen) => {
    await expectSame(continued(shape, keys, seen));
  });

  it('whatever is no part of the text: keys that do not count, and what lies in memory before', async () => {
    const given = continued([5, 1, 4, 4], 12, 7);
    for (const name of ['k', 'v']) given.feeds[name].data.fill(NaN, 7 * 4);
    const { y } = await runSparse({ y: given.y }, given.feeds);
    for (const value of y.data) expect(value).not.toBeNaN();
  });

  it('and the same to the last bit, of one query or of many', async () => {
    const { y, feeds } = window([1, 2, 40, 8], 40, 8);
    const all = (await runSparse({ y }, feeds)).y;
    const alone = window([1, 2, 1, 8], 40, 8);
    const last = array(
      [1, 2, 1, 8],
      [0, 1].flatMap((head) => {
        const end = (head + 1) * 40 * 8;
        return [...feeds.q.data.slice(end - 8, end)];
      }),
    );
    const { k, v } = feeds;
    const one = (await runSparse({ y: alone.y }, { ...alone.feeds, q: last, k, v })).y;
    for (const head of [0, 1]) {
      const end = (head + 1) * 40 * 8;
      expect([...one.data.slice(head * 8, head * 8 + 8)]).toEqual([
        ...all.data.slice(end - 8, end),
      ]);
    }
  });

  it('and left to the parts where gradients read them', () => {
    const { y } = window([1, 2, 5, 4], 5, 4);
    const loss = ops.reshape(ops.reduceSum(y, [0, 1, 2, 3]), []);
    const [slope] = gradients(loss, [y.inputs[1]]);
    const isAttention = (outputs: Value[]) =>
      stepsTo(outputs, () => false).some(({ attention }) => attention !== null);
    expect(isAttention([loss])).toBe(true);
    expect(isAttention([loss, slope])).toBe(false);
  });
});
