/** How each operation runs: a table over all operations that is total by type, as for ONNX and gradients. */
import type { Op, OpKind, Value } from '../graph/ir';
import { copied, copyInto, elementwise, zeros, type Elementwise } from './kernelCalls';
import { product, sparseProduct } from './matmul';
import type { SparseMatrix } from './constants';
import type { Target } from './program';
import {
  broadcast,
  count,
  distinct,
  loops,
  orderOf,
  padded,
  reshaped,
  sliced,
  transposed,
  usualOrder,
  type Tensor,
} from './tensor';

/** What rules are given beside their inputs. */
export interface Run {
  readonly target: Target;
  /** Size of an axis by its name in the graph. */
  readonly sizeOf: (dim: number | string) => number;
  /** The array that an input or constant is. */
  readonly stored: (value: Value) => Tensor;
  /** The right side of a product, when it is fixed and mostly zero. */
  readonly matrix: (value: Value) => SparseMatrix | null;
  /** The number zero. */
  readonly zero: Tensor;
}

export type Rule<K extends OpKind> = (
  run: Run,
  value: Value & { op: Extract<Op, { kind: K }> },
  inputs: readonly Tensor[],
) => Tensor;

const each =
  (op: Elementwise) =>
  ({ target }: Run, _: Value, inputs: readonly Tensor[]) =>
    elementwise(target, op, inputs);

/** Adding zeros or multiplying by ones: the other operand, when the result has its shape. */
function unchanged(inputs: readonly Tensor[], neutral: 0 | 1): Tensor | null {
  const [x, y] = inputs;
  const covers = (a: Tensor, b: Tensor) =>
    b.all === neutral &&
    b.shape.length <= a.shape.length &&
    b.shape.every((size, i) => size === 1 || size === a.shape[a.shape.length - b.shape.length + i]);
  if (covers(x, y)) return x;
  return covers(y, x) ? y : null;
}

const unlessNeutral =
  (op: 'add' | 'mul', neutral: 0 | 1) =>
  ({ target }: Run, _: Value, inputs: readonly Tensor[]) =>
    unchanged(inputs, neutral) ?? elementwise(target, op, inputs);

/** Sums, softmax and thresholds of the last axis, whose entries must be stored one by one. */
const rowwise =
  (kind: 0 | 1 | 2, k: (value: Value) => number) =>
  ({ target }: Run, value: Value, [given]: readonly Tensor[]) => {
    const last = given.shape.length - 1;
    const alike = given.shape[last] > 1 && given.strides[last] === 0;
    const x = alike ? copied(target, given, usualOrder(given.shape)) : given;
    const own = x.shape.map((size, axis) => (axis === last || x.strides[axis] ? size : 1));
    const result = target.allocate(own, orderOf(x));
    const others = [...own.keys()].filter((axis) => axis !== last);
    const three = padded(loops([result, x], others), 3, 2);
    target.emit({
      kernel: 'rowwise',
      arrays: [result, x],
      ints: [
        ...[kind, k(value), ...three.map(({ size }) => size)],
        ...[0, 1].flatMap((i) => three.map(({ strides }) => strides[i])),
        ...[own[last], result.strides[last], x.strides[last]],
      ],
      work: count(own) * 12,
    });
    return broadcast(result, x.shape);
  };

/** Entries picked from rows, or placed into zeros; the chosen axis is the last of the longer array. */
function choose({ target }: Run, place: boolean, result: Tensor, x: Tensor, ids: Tensor): Tensor {
  const last = ids.shape.length;
  const column = (y: Tensor) => ({
    ...y,
    shape: y.shape.with(last, 1),
    strides: y.strides.with(last, 0),
  });
  const three = padded(
    loops(
      [
        column(result),
        column(x),
        { ...ids, shape: [...ids.shape, 1], strides: [...ids.strides, 0] },
      ],
      [...ids.shape.keys()],
    ),
    3,
    3,
  );
  target.emit({
    kernel: 'choose',
    arrays: [result, x, ids],
    ints: [
      ...[place ? 1 : 0, ...three.map(({ size }) => size)],
      ...[0, 1, 2].flatMap((i) => three.map(({ strides }) => strides[i])),
      (place ? result : x).strides[last],
    ],
    work: count(ids.shape),
  });
  return result;
}

export const rules: { readonly [K in OpKind]: Rule<K> } = {
  input: ({ stored }, value) => stored(value),
  constant: ({ stored }, value) => stored(value),
  add: unlessNeutral('add', 0),
  sub: each('sub'),
  mul: unlessNeutral('mul', 1),
  div: each('div'),
  neg: each('neg'),
  exp: each('exp'),
  log: each('log'),
  sqrt: each('sqrt'),
  erf: each('erf'),
  gelu: each('gelu'),
  greaterEqual: (run, value, inputs) =>
    elementwise(
      run.target,
      value.inputs[0].dtype === 'int32' ? 'greaterEqualInt' : 'greaterEqual',
      inputs,
    ),
  where: each('where'),
  matmul: ({ target, matrix }, { inputs: [, right] }, [x, y]) => {
    const sparse = matrix(right);
    return sparse ? sparseProduct(target, x, sparse) : product(target, x, y);
  },
  transpose: (_, { op }, [x]) => transposed(x, op.perm),
  reshape: ({ target, sizeOf }, { op }, [x]) => {
    const shape = op.shape.map(sizeOf);
    const view = reshaped(x, shape);
    if (view) return view;
    const order = [...x.shape.keys()];
    return reshaped(copied(target, x, order), shape)!;
  },
  expandLike: (_, _value, [x, like]) => broadcast(x, like.shape),
  reduceSum: ({ target }, { op }, [x]) => {
    const kept = [...x.shape.keys()].filter((axis) => !op.axes.includes(axis));
    const own = x.shape.map((size, axis) => (kept.includes(axis) && x.strides[axis] ? size : 1));
    const result = target.allocate(own, orderOf({ ...x, shape: own }));
    const shape = x.shape.map((size, axis) => (kept.includes(axis) ? size : 1));
    const threeKept = padded(loops([{ ...result, shape: own }, x], kept), 3, 2);
    const threeSummed = padded(loops([x], op.axes), 3, 1);
    target.emit({
      kernel: 'sum',
      arrays: [result, x],
      ints: [
        ...threeKept.map(({ size }) => size),
        ...[0, 1].flatMap((i) => threeKept.map(({ strides }) => strides[i])),
        ...threeSummed.map(({ size }) => size),
        ...threeSummed.map(({ strides }) => strides[0]),
      ],
      work: count(x.shape),
    });
    return broadcast(result, shape);
  },
  softmax: rowwise(0, () => 0),
  logSoftmax: rowwise(1, () => 0),
  topKMask: (run, value, inputs) => rowwise(2, () => value.op.k)(run, value, inputs),
  concat: ({ target }, { op: { axis } }, parts) => {
    if (parts.length === 1) return parts[0];
    const size = parts.reduce((sum, part) => sum + part.shape[axis], 0);
    const shape = parts[0].shape.map((own, i) =>
      i === axis ? size : parts.some((part) => part.strides[i] !== 0) ? own : 1,
    );
    const largest = parts.reduce((a, b) => (distinct(a) >= distinct(b) ? a : b));
    const result = target.allocate(shape, orderOf({ ...largest, shape }));
    let start = 0;
    for (const part of parts) {
      const own = { ...part, shape: shape.with(axis, part.shape[axis]) };
      const end = start + part.shape[axis];
      copyInto(target, sliced(result, axis, start, end), own);
      start = end;
    }
    return broadcast(result, parts[0].shape.with(axis, size));
  },
  slice: (_, { op }, [x]) => sliced(x, op.axis, op.start, op.end),
  gather: ({ target }, { op: { axis } }, [x, ids]) => {
    if (ids.counted !== null) return sliced(x, axis, ids.counted, ids.counted + ids.shape[0]);
    const shape = [...x.shape.slice(0, axis), ...ids.shape, ...x.shape.slice(axis + 1)];
    const strides = [...x.strides.slice(0, axis), ...ids.strides, ...x.strides.slice(axis + 1)];
    const own = shape.map((size, i) => (strides[i] === 0 ? 1 : size));
    const result = target.allocate(own, usualOrder(own));
    const idAxes = [...ids.shape.keys()].map((i) => axis + i);
    const rest = [...shape.keys()].filter((i) => !idAxes.includes(i));
    const source = { ...result, strides };
    const two = padded(loops([result, source], idAxes), 2, 2);
    const three = padded(loops([result, source], rest), 3, 2);
    target.emit({
      kernel: 'gather',
      arrays: [result, x, ids],
      ints: [
        ...[
          ...two.map(({ size }) => size),
          ...[1, 0].flatMap((i) => two.map(({ strides }) => strides[i])),
        ],
        ...[x.strides[axis], ...three.map(({ size }) => size)],
        ...[1, 0].flatMap((i) => three.map(({ strides }) => strides[i])),
      ],
      work: count(own),
    });
    return broadcast(result, shape);
  },
  scatterAdd: ({ target, zero }, { op: { rows } }, [ids, x]) => {
    const [size, width] = x.shape;
    const result = zeros(target, [rows, width], zero);
    target.emit({
      kernel: 'scatterAdd',
      arrays: [result, x, ids],
      ints: [size, width, ...result.strides, ...x.strides, ids.strides[0]],
      work: size * width,
    });
    return result;
  },
  pick: (run, _, [x, ids]) => {
    const shape = [...ids.shape, 1];
    return choose(run, false, run.target.allocate(shape, usualOrder(shape)), x, ids);
  },
  place: (run, { op: { depth } }, [x, ids]) =>
    choose(run, true, zeros(run.target, [...ids.shape, depth], run.zero), x, ids),
};
