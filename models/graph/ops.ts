/** Constructors of values: the vocabulary in which models are written. */
import {
  showShape,
  type Attention,
  type ConstantData,
  type DType,
  type Dim,
  type OpKind,
  type Shape,
  type Value,
} from './ir';
import {
  broadcastShapes,
  checkAxis,
  checkReshape,
  concatShape,
  matmulShape,
  shapeError,
  staticSize,
} from './shapes';

function needType(kind: OpKind, value: Value, dtype: DType): void {
  if (value.dtype !== dtype) throw new Error(`${kind}: needs ${dtype}, got ${value.dtype}`);
}

/** A named array given when the graph runs. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Value {
  return { op: { kind: 'input', name }, inputs: [], shape, dtype };
}

/** A fixed array, row-major in `shape`. */
export function constant(data: ConstantData, shape: readonly number[]): Value {
  if (staticSize(shape) !== data.length) {
    throw new Error(`constant: ${data.length} numbers do not fill ${showShape(shape)}`);
  }
  const dtype = data instanceof Int32Array ? 'int32' : 'float32';
  return { op: { kind: 'constant', data }, inputs: [], shape, dtype };
}

/** A fixed number. */
export function scalar(x: number): Value {
  return constant(Float32Array.of(x), []);
}

type Operand = Value | number;
const lift = (x: Operand): Value => (typeof x === 'number' ? scalar(x) : x);

function binary(kind: 'add' | 'sub' | 'mul' | 'div') {
  return (left: Operand, right: Operand): Value => {
    const inputs = [lift(left), lift(right)];
    for (const value of inputs) needType(kind, value, 'float32');
    const shape = broadcastShapes(kind, inputs[0].shape, inputs[1].shape);
    return { op: { kind }, inputs, shape, dtype: 'float32' };
  };
}

/** Elementwise arithmetic with broadcasting; a plain number is a scalar. */
export const add = binary('add');
export const sub = binary('sub');
export const mul = binary('mul');
export const div = binary('div');

function unary(kind: 'neg' | 'exp' | 'log' | 'sqrt' | 'erf' | 'gelu') {
  return (x: Value): Value => {
    needType(kind, x, 'float32');
    return { op: { kind }, inputs: [x], shape: x.shape, dtype: 'float32' };
  };
}

/** Elementwise functions; `gelu` is x · Φ(x), the exact form. */
export const neg = unary('neg');
export const exp = unary('exp');
export const log = unary('log');
export const sqrt = unary('sqrt');
export const erf = unary('erf');
export const gelu = unary('gelu');

/** True where left >= right, both of one type; no gradient flows through. */
export function greaterEqual(left: Operand, right: Operand): Value {
  const inputs = [lift(left), lift(right)];
  needType('greaterEqual', inputs[1], inputs[0].dtype);
  const shape = broadcastShapes('greaterEqual', inputs[0].shape, inputs[1].shape);
  return { op: { kind: 'greaterEqual' }, inputs, shape, dtype: 'bool' };
}

/** `yes` where the condition holds, else `no`. */
export function where(condition: Value, yes: Operand, no: Operand): Value {
  const inputs = [condition, lift(yes), lift(no)];
  needType('where', condition, 'bool');
  for (const branch of inputs.slice(1)) needType('where', branch, 'float32');
  const branches = broadcastShapes('where', inputs[1].shape, inputs[2].shape);
  const shape = broadcastShapes('where', condition.shape, branches);
  return { op: { kind: 'where' }, inputs, shape, dtype: 'float32' };
}

/** Matrix product over the last two axes [..., m, k] x [..., k, n]; leading axes broadcast. */
export function matmul(left: Value, right: Value): Value {
  needType('matmul', left, 'float32');
  needType('matmul', right, 'float32');
  const shape = matmulShape(left.shape, right.shape);
  return { op: { kind: 'matmul' }, inputs: [left, right], shape, dtype: 'float32' };
}

/** Axes in another order: axis i of the result is axis perm[i] of x. */
export function transpose(x: Value, perm: readonly number[]): Value {
  const sorted = [...perm].sort((a, b) => a - b);
  if (perm.length !== x.shape.length || sorted.some((axis, i) => axis !== i)) {
    throw shapeError('transpose', [x.shape], `[${perm.join(', ')}] is not an order of its axes`);
  }
  const shape = perm.map((axis) => x.shape[axis]);
  return { op: { kind: 'transpose', perm }, inputs: [x], shape, dtype: x.dtype };
}

/** The last two axes exchanged. */
export function swapLast(x: Value): Value {
  const n = x.shape.length;
  return transpose(x, [...Array(n - 2).keys(), n - 1, n - 2]);
}

/** The same entries in another shape. */
export function reshape(x: Value, shape: Shape): Value {
  checkReshape(x.shape, shape);
  return { op: { kind: 'reshape', shape }, inputs: [x], shape, dtype: x.dtype };
}

/** x broadcast to the shape of `like`, whose numbers are not used. */
export function expandLike(x: Value, like: Value): Value {
  const shape = broadcastShapes('expandLike', x.shape, like.shape);
  if (showShape(shape) !== showShape(like.shape)) {
    throw shapeError(
      'expandLike',
      [x.shape, like.shape],
      'the first does not broadcast to the second',
    );
  }
  return { op: { kind: 'expandLike' }, inputs: [x, like], shape, dtype: x.dtype };
}

/** Sum over axes, which stay with size 1. */
export function reduceSum(x: Value, axes: readonly number[]): Value {
  needType('reduceSum', x, 'float32');
  for (const axis of axes) checkAxis('reduceSum', x.shape, axis);
  const shape = x.shape.map((d, i): Dim => (axes.includes(i) ? 1 : d));
  return { op: { kind: 'reduceSum', axes }, inputs: [x], shape, dtype: 'float32' };
}

function alongLast(kind: 'softmax' | 'logSoftmax') {
  return (x: Value): Value => {
    needType(kind, x, 'float32');
    checkAxis(kind, x.shape, x.shape.length - 1);
    return { op: { kind }, inputs: [x], shape: x.shape, dtype: 'float32' };
  };
}

/** Softmax and its logarithm (nats) over the last axis. */
export const softmax = alongLast('softmax');
export const logSoftmax = alongLast('logSoftmax');

/** True at the k largest magnitudes of the last axis (ties included); no gradient flows through. */
export function topKMask(x: Value, k: number): Value {
  needType('topKMask', x, 'float32');
  const width = x.shape[x.shape.length - 1];
  if (typeof width !== 'number' || !Number.isInteger(k) || k < 1 || k > width) {
    throw shapeError('topKMask', [x.shape], `cannot keep ${k} of the last axis`);
  }
  return { op: { kind: 'topKMask', k }, inputs: [x], shape: x.shape, dtype: 'bool' };
}

/** Values joined along an axis. */
export function concat(values: readonly Value[], axis: number): Value {
  if (values.length === 0) throw new Error('concat: needs at least one value');
  for (const value of values) needType('concat', value, values[0].dtype);
  const shape = concatShape(
    values.map((v) => v.shape),
    axis,
  );
  return { op: { kind: 'concat', axis }, inputs: values, shape, dtype: values[0].dtype };
}

/** Entries start to end (exclusive) along an axis. */
export function slice(x: Value, axis: number, start: number, end: number): Value {
  checkAxis('slice', x.shape, axis);
  const size = x.shape[axis];
  const beyond = typeof size === 'number' && end > size;
  const whole = Number.isInteger(start) && Number.isInteger(end);
  if (!whole || start < 0 || end <= start || beyond) {
    throw shapeError('slice', [x.shape], `${start} to ${end} is outside axis ${axis}`);
  }
  const shape = x.shape.map((d, i) => (i === axis ? end - start : d));
  return { op: { kind: 'slice', axis, start, end }, inputs: [x], shape, dtype: x.dtype };
}

/** Entries of x along an axis at integer positions; the axis is replaced by the axes of `ids`. */
export function gather(x: Value, ids: Value, axis = 0): Value {
  needType('gather', ids, 'int32');
  checkAxis('gather', x.shape, axis);
  const shape = [...x.shape.slice(0, axis), ...ids.shape, ...x.shape.slice(axis + 1)];
  return { op: { kind: 'gather', axis }, inputs: [x, ids], shape, dtype: x.dtype };
}

/** [rows, width] with updates [n, width] added at the rows ids [n]: the transpose of `gather`. */
export function scatterAdd(ids: Value, updates: Value, rows: number): Value {
  needType('scatterAdd', ids, 'int32');
  needType('scatterAdd', updates, 'float32');
  if (ids.shape.length !== 1 || updates.shape.length !== 2 || ids.shape[0] !== updates.shape[0]) {
    throw shapeError(
      'scatterAdd',
      [ids.shape, updates.shape],
      'needs ids [n] and updates [n, width]',
    );
  }
  const shape = [rows, updates.shape[1]];
  return { op: { kind: 'scatterAdd', rows }, inputs: [ids, updates], shape, dtype: 'float32' };
}

function checkPicked(kind: OpKind, x: Value, ids: Value): void {
  needType(kind, x, 'float32');
  needType(kind, ids, 'int32');
  if (x.shape.length === 0 || showShape(x.shape.slice(0, -1)) !== showShape(ids.shape)) {
    throw shapeError(kind, [x.shape, ids.shape], 'ids need one entry a row');
  }
}

/** One entry of the last axis a row: x [..., depth], ids [...] → [..., 1]. */
export function pick(x: Value, ids: Value): Value {
  checkPicked('pick', x, ids);
  const shape = [...ids.shape, 1];
  return { op: { kind: 'pick' }, inputs: [x, ids], shape, dtype: 'float32' };
}

/** Rows of zeros but for one entry: x [..., 1], ids [...] → [..., depth]; the transpose of `pick`. */
export function place(x: Value, ids: Value, depth: number): Value {
  checkPicked('place', x, ids);
  if (x.shape[x.shape.length - 1] !== 1) {
    throw shapeError('place', [x.shape, ids.shape], 'a row needs exactly one entry to place');
  }
  const shape = [...ids.shape, depth];
  return { op: { kind: 'place', depth }, inputs: [x, ids], shape, dtype: 'float32' };
}

/** A value, told to be attention: whoever knows how to compute that in one go may do so. */
export function asAttention(value: Value, attention: Attention): Value {
  return { ...value, attention };
}
