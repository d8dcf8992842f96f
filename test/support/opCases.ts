/** Examples of every operation, for tests that loop over the whole vocabulary. */
import type { OpKind, Value } from '../../models/graph/ir';
import * as ops from '../../models/graph/ops';
import { example, f, ids, positive, type Example } from './examples';

type Binary = (a: Value, b: Value) => Value;
/** Broadcasting in every direction; the right-hand sides are positive, for division. */
const binary = (op: Binary): Example[] => [
  example(
    'equal shapes',
    { a: f([2, 3], ['batch', 3]), b: positive([2, 3], ['batch', 3]) },
    ({ a, b }) => op(a, b),
  ),
  example(
    'right broadcast over a new axis',
    { a: f([2, 2, 3], ['batch', 'pos', 3]), b: positive([3]) },
    ({ a, b }) => op(a, b),
  ),
  example(
    'left broadcast over an axis of size 1',
    { a: f([2, 1, 3], ['batch', 1, 3]), b: positive([2, 2, 3], ['batch', 'pos', 3]) },
    ({ a, b }) => op(a, b),
  ),
  example('both broadcast', { a: f([2, 1]), b: positive([1, 3]) }, ({ a, b }) => op(a, b)),
  example(
    'one row or a whole batch',
    { a: f([3, 4], ['batch', 4]), b: positive([1, 4], ['batch?', 4]) },
    ({ a, b }) => op(a, b),
  ),
  example('scalar on the right', { a: f([2, 3]), b: positive([]) }, ({ a, b }) => op(a, b)),
  example('scalar on the left', { a: f([]), b: positive([2, 3]) }, ({ a, b }) => op(a, b)),
  example('one value on both sides', { a: positive([4]) }, ({ a }) => op(a, a)),
  example('used again downstream', { a: positive([3]), b: positive([2, 3]) }, ({ a, b }) =>
    op(op(a, b), a),
  ),
];

const unary = (op: (x: Value) => Value, given: typeof f = f): Example[] => [
  example('matrix', { x: given([2, 5], ['batch', 5]) }, ({ x }) => op(x)),
  example('scalar', { x: given([]) }, ({ x }) => op(x)),
  example('used twice', { x: given([4]) }, ({ x }) => ops.mul(op(x), x)),
];

const alongLast = (op: (x: Value) => Value): Example[] => [
  example('rows of a matrix', { x: f([3, 4], ['batch', 4]) }, ({ x }) => op(x)),
  example('4-D', { x: f([2, 2, 3, 3], ['batch', 2, 'pos', 'pos']) }, ({ x }) => op(x)),
  example('one entry a row', { x: f([3, 1]) }, ({ x }) => op(x)),
];

/** Every operation's examples; one without does not compile. */
export const opCases: { readonly [K in OpKind]: readonly Example[] } = {
  input: [example('itself', { x: f([2, 3], ['batch', 3]) }, ({ x }) => x)],
  constant: [
    example('floats beside an input', { x: f([2, 3]) }, ({ x }) =>
      ops.mul(x, ops.constant(Float32Array.of(1.5, -2, 0.25), [3])),
    ),
    example('integers as positions', { x: f([4, 2]) }, ({ x }) =>
      ops.gather(x, ops.constant(Int32Array.of(3, 0, 3), [3])),
    ),
  ],
  add: binary(ops.add),
  sub: binary(ops.sub),
  mul: binary(ops.mul),
  div: binary(ops.div),
  neg: unary(ops.neg),
  exp: unary(ops.exp),
  log: unary(ops.log, positive),
  sqrt: unary(ops.sqrt, positive),
  erf: unary(ops.erf),
  gelu: unary(ops.gelu),
  greaterEqual: [
    example('with a number', { x: f([2, 5], ['batch', 5]) }, ({ x }) => ops.greaterEqual(x, 0)),
    example(
      'rows of positions against all positions',
      { rows: ids([3, 1], [0, 1, 2], ['pos', 1]), all: ids([3], [0, 1, 2], ['pos']) },
      ({ rows, all }) => ops.greaterEqual(rows, all),
    ),
    example('as a gate of its own input', { x: f([2, 5]) }, ({ x }) =>
      ops.where(ops.greaterEqual(x, 0), x, 0),
    ),
  ],
  where: [
    example(
      'condition broadcast, branches not',
      { x: f([2, 4], ['batch', 4]), y: positive([2, 4], ['batch', 4]), c: f([4]) },
      ({ x, y, c }) => ops.where(ops.greaterEqual(c, 0), x, y),
    ),
    example(
      'branches broadcast to the condition',
      { x: f([4]), y: positive([2, 1]), c: f([3, 2, 4]) },
      ({ x, y, c }) => ops.where(ops.greaterEqual(c, 0), x, y),
    ),
    example('numbers as branches', { c: f([2, 3], ['batch', 3]) }, ({ c }) =>
      ops.where(ops.greaterEqual(c, 0), 2, -3),
    ),
    example('one value in both branches', { x: f([2, 3]) }, ({ x }) =>
      ops.where(ops.greaterEqual(x, 0), x, ops.mul(x, x)),
    ),
  ],
  matmul: [
    example('2-D by 2-D', { a: f([2, 3]), b: f([3, 4]) }, ({ a, b }) => ops.matmul(a, b)),
    example('3-D by 2-D', { a: f([2, 3, 4], ['batch', 'pos', 4]), b: f([4, 5]) }, ({ a, b }) =>
      ops.matmul(a, b),
    ),
    example('2-D by 3-D', { a: f([2, 3]), b: f([2, 3, 4]) }, ({ a, b }) => ops.matmul(a, b)),
    example(
      'batched 4-D',
      { a: f([2, 2, 3, 4], ['batch', 2, 'pos', 4]), b: f([2, 2, 4, 3], ['batch', 2, 4, 'pos']) },
      ({ a, b }) => ops.matmul(a, b),
    ),
    example(
      '4-D, leading axes broadcast on both sides',
      { a: f([2, 1, 3, 2]), b: f([1, 3, 2, 2]) },
      ({ a, b }) => ops.matmul(a, b),
    ),
    example('a matrix by itself', { a: f([3, 3]) }, ({ a }) => ops.matmul(a, a)),
    example('a matrix by its own transpose', { a: f([2, 3]) }, ({ a }) =>
      ops.matmul(a, ops.swapLast(a)),
    ),
  ],
  transpose: [
    example('last two axes', { x: f([2, 3, 4], ['batch', 'pos', 4]) }, ({ x }) => ops.swapLast(x)),
    example('middle axes', { x: f([2, 3, 2, 2], ['batch', 'pos', 2, 2]) }, ({ x }) =>
      ops.transpose(x, [0, 2, 1, 3]),
    ),
    example('an order that is not its own inverse', { x: f([2, 3, 4]) }, ({ x }) =>
      ops.transpose(x, [1, 2, 0]),
    ),
  ],
  reshape: [
    example('split and joined axes', { x: f([2, 6]) }, ({ x }) => ops.reshape(x, [4, 3])),
    example('to a scalar', { x: f([1, 1]) }, ({ x }) => ops.reshape(x, [])),
    example('heads out of channels', { x: f([2, 3, 4], ['batch', 'pos', 4]) }, ({ x }) =>
      ops.reshape(x, [x.shape[0], x.shape[1], 2, 2]),
    ),
    example('an axis known at run time, moved', { x: f([3], ['pos']) }, ({ x }) =>
      ops.reshape(x, [1, x.shape[0]]),
    ),
  ],
  expandLike: [
    example('scalar', { x: f([]), like: f([2, 3], ['batch', 3]) }, ({ x, like }) =>
      ops.expandLike(x, like),
    ),
    example(
      'new and inner axes',
      { x: f([3, 1], ['pos', 1]), like: f([2, 3, 4], ['batch', 'pos', 4]) },
      ({ x, like }) => ops.expandLike(x, like),
    ),
    example('to its own shape', { x: f([2, 3]) }, ({ x }) => ops.expandLike(x, x)),
  ],
  reduceSum: [
    example('last axis', { x: f([2, 3, 4], ['batch', 'pos', 4]) }, ({ x }) =>
      ops.reduceSum(x, [2]),
    ),
    example('two axes', { x: f([2, 3, 4], ['batch', 3, 4]) }, ({ x }) => ops.reduceSum(x, [0, 2])),
    example('no axis', { x: f([2, 3]) }, ({ x }) => ops.reduceSum(x, [])),
  ],
  softmax: alongLast(ops.softmax),
  logSoftmax: alongLast(ops.logSoftmax),
  topKMask: [
    example('of rows', { x: f([3, 5], ['batch', 5]) }, ({ x }) => ops.topKMask(x, 2)),
    example('of everything', { x: f([2, 3]) }, ({ x }) => ops.topKMask(x, 3)),
    example('as AbsTopK of its own input', { x: f([2, 2, 4], ['batch', 'pos', 4]) }, ({ x }) =>
      ops.where(ops.topKMask(x, 2), x, 0),
    ),
  ],
  concat: [
    example('first axis', { a: f([2, 3]), b: positive([1, 3]) }, ({ a, b }) =>
      ops.concat([a, b], 0),
    ),
    example(
      'last axis, one value twice',
      { a: f([2, 3], ['batch', 3]), b: positive([2, 2], ['batch', 2]) },
      ({ a, b }) => ops.concat([a, b, a], 1),
    ),
    example('one value', { a: f([2, 3]) }, ({ a }) => ops.concat([a], 1)),
  ],
  slice: [
    example('start', { x: f([2, 5], ['batch', 5]) }, ({ x }) => ops.slice(x, 1, 0, 2)),
    example('middle', { x: f([2, 5], ['batch', 5]) }, ({ x }) => ops.slice(x, 1, 1, 3)),
    example('end', { x: f([2, 5], ['batch', 5]) }, ({ x }) => ops.slice(x, 1, 3, 5)),
    example('everything', { x: f([2, 5]) }, ({ x }) => ops.slice(x, 1, 0, 5)),
    example('first axis', { x: f([4, 2], ['pos', 2]) }, ({ x }) => ops.slice(x, 0, 0, 1)),
    example('overlapping', { x: f([4]) }, ({ x }) =>
      ops.mul(ops.slice(x, 0, 0, 3), ops.slice(x, 0, 1, 4)),
    ),
  ],
  gather: [
    example(
      'rows, some more than once',
      { x: f([4, 3]), rows: ids([5], [2, 0, 2, 2, 3], ['pos']) },
      ({ x, rows }) => ops.gather(x, rows),
    ),
    example(
      'rows for a batch of positions',
      { x: f([4, 3]), rows: ids([2, 2], [1, 1, 3, 0], ['batch', 'pos']) },
      ({ x, rows }) => ops.gather(x, rows),
    ),
    example('rows of two values', { x: f([3, 2]), rows: ids([2], [1, 1]) }, ({ x, rows }) =>
      ops.mul(ops.gather(x, rows), ops.gather(ops.exp(x), rows)),
    ),
  ],
  scatterAdd: [
    example('rows that meet', { to: ids([4], [1, 0, 1, 1]), x: f([4, 3]) }, ({ to, x }) =>
      ops.scatterAdd(to, x, 3),
    ),
    example('one row', { to: ids([1], [2]), x: f([1, 3]) }, ({ to, x }) =>
      ops.scatterAdd(to, x, 4),
    ),
  ],
  pick: [
    example(
      'one entry a row',
      { x: f([3, 4], ['batch', 4]), at: ids([3], [3, 0, 3], ['batch']) },
      ({ x, at }) => ops.pick(x, at),
    ),
    example(
      'of a batch of positions',
      { x: f([2, 2, 3], ['batch', 'pos', 3]), at: ids([2, 2], [0, 2, 1, 1], ['batch', 'pos']) },
      ({ x, at }) => ops.pick(x, at),
    ),
  ],
  place: [
    example('one entry a row', { x: f([3, 1]), at: ids([3], [3, 0, 3]) }, ({ x, at }) =>
      ops.place(x, at, 4),
    ),
    example(
      'of a batch of positions',
      { x: f([2, 2, 1]), at: ids([2, 2], [0, 2, 1, 1]) },
      ({ x, at }) => ops.place(x, at, 3),
    ),
  ],
};
