import { describe, expect, it } from 'vitest';
import type { OpKind, Shape, Value } from '../../../models/graph/ir';
import * as ops from '../../../models/graph/ops';

const x = (...shape: Shape) => ops.input('x', shape);
const ids = (...shape: Shape) => ops.input('ids', shape, 'int32');
const flags = (...shape: Shape) => ops.greaterEqual(x(...shape), 0);

/** A call that must fail, and what the message says beside the name of the operation. */
type Wrong = readonly [call: () => Value, ...says: string[]];

/** Shapes that do not broadcast, from either side. */
const binary = (op: (a: Value, b: Value) => Value): Wrong[] => [
  [() => op(x(2, 3), x(2, 4)), '[2, 3]', '[2, 4]'],
  [() => op(x(3), x(3, 2)), '[3]', '[3, 2]'],
  [() => op(x('batch', 3), x('pos', 3)), '[batch, 3]', '[pos, 3]'],
  [() => op(x('batch'), x(4)), '[batch]', '[4]'],
  [() => op(x(2), ids(2)), 'needs float32, got int32'],
];

/** Elementwise functions take any shape, but floats only. */
const unary = (op: (a: Value) => Value): Wrong[] => [
  [() => op(ids(2)), 'needs float32, got int32'],
  [() => op(flags(2)), 'needs float32, got bool'],
];

/** Wrong uses of every operation but `input`, which takes whatever it is told. */
const wrong: { readonly [K in Exclude<OpKind, 'input'>]: readonly Wrong[] } = {
  constant: [
    [() => ops.constant(new Float32Array(3), [2, 2]), '3 numbers', '[2, 2]'],
    [() => ops.constant(new Int32Array(0), []), '0 numbers', '[]'],
  ],
  add: binary(ops.add),
  sub: binary(ops.sub),
  mul: binary(ops.mul),
  div: binary(ops.div),
  neg: unary(ops.neg),
  exp: unary(ops.exp),
  log: unary(ops.log),
  sqrt: unary(ops.sqrt),
  erf: unary(ops.erf),
  gelu: unary(ops.gelu),
  greaterEqual: [
    [() => ops.greaterEqual(x(2, 3), x(4)), '[2, 3]', '[4]'],
    [() => ops.greaterEqual(ids(2), 0), 'needs int32, got float32'],
  ],
  where: [
    [() => ops.where(flags(2), x(3), 0), '[2]', '[3]'],
    [() => ops.where(flags(2), x(2, 2), x(3)), '[2, 2]', '[3]'],
    [() => ops.where(x(2), 1, 0), 'needs bool, got float32'],
    [() => ops.where(flags(2), ids(2), 0), 'needs float32, got int32'],
  ],
  matmul: [
    [() => ops.matmul(x(2, 3), x(4, 5)), '[2, 3]', '[4, 5]', 'inner sizes'],
    [() => ops.matmul(x(3), x(3, 2)), '[3]', '[3, 2]', 'two axes'],
    [() => ops.matmul(x(2, 3, 4), x(5, 4, 3)), 'axis 0 does not broadcast'],
    [() => ops.matmul(x(2, 'pos'), x('batch', 2)), '[2, pos]', '[batch, 2]'],
    [() => ops.matmul(ids(2, 2), x(2, 2)), 'needs float32, got int32'],
  ],
  transpose: [
    [() => ops.transpose(x(2, 3), [0, 0]), '[2, 3]', '[0, 0]'],
    [() => ops.transpose(x(2, 3), [0]), '[2, 3]', '[0]'],
    [() => ops.transpose(x(2, 3), [1, 2]), '[2, 3]', '[1, 2]'],
  ],
  reshape: [
    [() => ops.reshape(x(2, 3), [4]), '[2, 3]', '[4]'],
    [() => ops.reshape(x('batch', 4), ['pos', 4]), '[batch, 4]', '[pos, 4]'],
    [() => ops.reshape(x('pos+1', 2), ['pos', 2]), '[pos+1, 2]', '[pos, 2]'],
  ],
  expandLike: [
    [() => ops.expandLike(x(2, 3), x(3)), '[2, 3]', '[3]'],
    [() => ops.expandLike(x(2), x(3)), '[2]', '[3]'],
  ],
  reduceSum: [
    [() => ops.reduceSum(x(2, 3), [2]), '[2, 3]', 'no axis 2'],
    [() => ops.reduceSum(x(2, 3), [-1]), '[2, 3]', 'no axis -1'],
    [() => ops.reduceSum(ids(2), [0]), 'needs float32, got int32'],
  ],
  softmax: [[() => ops.softmax(x()), '[]'], ...unary(ops.softmax)],
  logSoftmax: [[() => ops.logSoftmax(x()), '[]'], ...unary(ops.logSoftmax)],
  topKMask: [
    [() => ops.topKMask(x(2, 3), 4), '[2, 3]', 'keep 4'],
    [() => ops.topKMask(x(2, 3), 0), '[2, 3]', 'keep 0'],
    [() => ops.topKMask(x(2, 3), 1.5), '[2, 3]', 'keep 1.5'],
    [() => ops.topKMask(x(3, 'pos'), 1), '[3, pos]'],
    [() => ops.topKMask(x(), 1), '[]'],
    [() => ops.topKMask(ids(2), 1), 'needs float32, got int32'],
  ],
  concat: [
    [() => ops.concat([x(2, 3), x(2, 4)], 0), '[2, 3]', '[2, 4]', 'axis 0'],
    [() => ops.concat([x(2, 3), x(2)], 1), '[2, 3]', '[2]'],
    [() => ops.concat([x(2)], 1), '[2]', 'no axis 1'],
    [() => ops.concat([x(2), ids(2)], 0), 'needs float32, got int32'],
    [() => ops.concat([], 0), 'at least one'],
  ],
  slice: [
    [() => ops.slice(x(2, 3), 2, 0, 1), '[2, 3]', 'no axis 2'],
    [() => ops.slice(x(2, 3), 1, 1, 4), '[2, 3]', '1 to 4', 'axis 1'],
    [() => ops.slice(x(2, 3), 1, -1, 2), '[2, 3]', '-1 to 2'],
    [() => ops.slice(x(2, 3), 1, 2, 2), '[2, 3]', '2 to 2'],
    [() => ops.slice(x(2, 3), 1, 0.5, 2), '[2, 3]', '0.5 to 2'],
  ],
  gather: [
    [() => ops.gather(x(2, 3), ids(4), 2), '[2, 3]', 'no axis 2'],
    [() => ops.gather(x(2, 3), x(4)), 'needs int32, got float32'],
  ],
  scatterAdd: [
    [() => ops.scatterAdd(ids(3), x(2, 4), 5), '[3]', '[2, 4]'],
    [() => ops.scatterAdd(ids(2, 1), x(2, 4), 5), '[2, 1]', '[2, 4]'],
    [() => ops.scatterAdd(ids(2), x(2), 5), '[2]'],
    [() => ops.scatterAdd(ids(2), ids(2, 4), 5), 'needs float32, got int32'],
  ],
  pick: [
    [() => ops.pick(x(2, 3), ids(3)), '[2, 3]', '[3]', 'one entry a row'],
    [() => ops.pick(x(2, 3), ids(2, 1)), '[2, 3]', '[2, 1]'],
    [() => ops.pick(x(), ids()), '[]'],
    [() => ops.pick(x(2, 3), x(2)), 'needs int32, got float32'],
  ],
  place: [
    [() => ops.place(x(2, 1), ids(3), 4), '[2, 1]', '[3]', 'one entry a row'],
    [() => ops.place(x(2, 3), ids(2), 4), '[2, 3]', 'exactly one entry'],
    [() => ops.place(x(2, 1), x(2), 4), 'needs int32, got float32'],
  ],
};

describe.each(Object.entries(wrong))('%s, used wrongly,', (kind, calls) => {
  for (const [call, ...says] of calls) {
    it(`says so: ${says.join(', ')}`, () => {
      const message = messageOf(call);
      expect(message).toMatch(new RegExp(`^${kind}: `));
      for (const part of says) expect(message).toContain(part);
    });
  }
});

function messageOf(call: () => Value): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
}

describe('sizes known only at run time', () => {
  const shapeOf = (value: Value) => value.shape;

  it('broadcast with themselves and with 1', () => {
    expect(shapeOf(ops.add(x('batch', 'pos', 3), x('pos', 1)))).toEqual(['batch', 'pos', 3]);
    expect(shapeOf(ops.add(x('batch?', 1), x(1, 2)))).toEqual(['batch?', 2]);
  });

  it('`name?` is `name` or 1, and broadcasts to `name` from either side', () => {
    expect(shapeOf(ops.mul(x('batch', 'pos', 2), x('batch?', 'pos?', 2)))).toEqual([
      'batch',
      'pos',
      2,
    ]);
    expect(shapeOf(ops.mul(x('batch?', 2), x('batch', 1)))).toEqual(['batch', 2]);
    expect(() => ops.mul(x('batch?'), x('pos'))).toThrow('mul: ');
    expect(() => ops.mul(x('batch?'), x(4))).toThrow('mul: ');
  });

  it('`name+n` is n longer, however the parts are joined', () => {
    const longer = ops.concat([x(1, 2), x('pos', 2)], 0);
    expect(longer.shape).toEqual(['pos+1', 2]);
    expect(ops.concat([longer, x(2, 2)], 0).shape).toEqual(['pos+3', 2]);
    expect(ops.concat([x('pos', 2)], 0).shape).toEqual(['pos', 2]);
    expect(ops.concat([longer, x('batch', 2)], 0).shape).toEqual(['batch+pos+1', 2]);
    expect(() => ops.add(longer, x('pos', 2))).toThrow('add: ');
  });

  it('move with their axis through transposes, products, sums and slices', () => {
    const heads = ops.transpose(x('batch', 'pos', 2, 4), [0, 2, 1, 3]);
    expect(heads.shape).toEqual(['batch', 2, 'pos', 4]);
    expect(ops.matmul(heads, ops.swapLast(heads)).shape).toEqual(['batch', 2, 'pos', 'pos']);
    expect(ops.reduceSum(heads, [2]).shape).toEqual(['batch', 2, 1, 4]);
    expect(ops.slice(heads, 2, 0, 1).shape).toEqual(['batch', 2, 1, 4]);
    expect(ops.gather(x(9, 4), ids('batch', 'pos')).shape).toEqual(['batch', 'pos', 4]);
    expect(ops.gather(x('batch', 'pos', 4), ids('read'), 1).shape).toEqual(['batch', 'read', 4]);
  });

  it('may change places in a reshape', () => {
    expect(ops.reshape(x('pos', 6), [2, 'pos', 3]).shape).toEqual([2, 'pos', 3]);
  });
});
