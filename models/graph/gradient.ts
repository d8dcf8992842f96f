/**
 * Reverse-mode differentiation as a graph transform: from a scalar loss to a graph of its gradients,
 * made of the same operations. `rules` has an entry for every operation, so a new one without a
 * rule does not compile.
 */
import { showShape, topologicalOrder, type Op, type OpKind, type Shape, type Value } from './ir';
import * as ops from './ops';
import { staticSize } from './shapes';

/**
 * Vector-Jacobian product of one operation: the gradients of its inputs, given the value itself and
 * the gradient of the loss by it; null for an input that the loss does not depend on smoothly, or of
 * which nobody asks (`asked`, by input) when it costs something.
 */
type Rule<K extends OpKind> = (
  value: Value & { op: Extract<Op, { kind: K }> },
  grad: Value,
  asked: readonly boolean[],
) => (Value | null)[];

/** Sums a gradient over the axes along which its value was broadcast. */
function sumTo(grad: Value, shape: Shape): Value {
  if (showShape(grad.shape) === showShape(shape)) return grad;
  const extra = grad.shape.length - shape.length;
  const axes = grad.shape.flatMap((dim, i) =>
    i < extra || (shape[i - extra] === 1 && dim !== 1) ? [i] : [],
  );
  return ops.reshape(ops.reduceSum(grad, axes), shape);
}

/** Number of entries of a shape; throws where only the run knows it. */
function fixedSize(shape: Shape): number {
  const size = staticSize(shape);
  if (size === null) {
    throw new Error(`gradient: ${showShape(shape)} has sizes known only at run time`);
  }
  return size;
}

/** [..., n] as [rows, n]. */
function flat(x: Value): Value {
  const width = fixedSize(x.shape.slice(-1));
  return ops.reshape(x, [fixedSize(x.shape) / width, width]);
}

function zeros(shape: Shape): Value {
  return ops.constant(new Float32Array(fixedSize(shape)), shape as number[]);
}

/** The gradient put where a slice was taken, zeros elsewhere. */
function padSlice(grad: Value, full: Shape, axis: number, start: number, end: number): Value {
  const block = (size: number) => zeros(full.map((d, i) => (i === axis ? size : d)));
  const size = fixedSize([full[axis]]);
  const parts = [grad];
  if (start > 0) parts.unshift(block(start));
  if (end < size) parts.push(block(size - end));
  return parts.length === 1 ? grad : ops.concat(parts, axis);
}

const last = (x: Value) => x.shape.length - 1;
const byShape =
  (rule: (grad: Value, a: Value, b: Value, out: Value) => [Value, Value]) =>
  (value: Value, grad: Value): Value[] => {
    const [a, b] = value.inputs;
    const [da, db] = rule(grad, a, b, value);
    return [sumTo(da, a.shape), sumTo(db, b.shape)];
  };

const rules: { readonly [K in OpKind]: Rule<K> } = {
  input: () => [],
  constant: () => [],
  add: byShape((g) => [g, g]),
  sub: byShape((g) => [g, ops.neg(g)]),
  mul: byShape((g, a, b) => [ops.mul(g, b), ops.mul(g, a)]),
  div: byShape((g, _a, b, out) => [ops.div(g, b), ops.neg(ops.div(ops.mul(g, out), b))]),
  neg: (_, g) => [ops.neg(g)],
  exp: (y, g) => [ops.mul(g, y)],
  log: (y, g) => [ops.div(g, y.inputs[0])],
  sqrt: (y, g) => [ops.div(ops.mul(g, 0.5), y)],
  erf: ({ inputs: [x] }, g) => [
    ops.mul(g, ops.mul(ops.exp(ops.neg(ops.mul(x, x))), 2 / Math.sqrt(Math.PI))),
  ],
  gelu: ({ inputs: [x] }, g) => {
    const cumulative = ops.mul(ops.add(ops.erf(ops.mul(x, Math.SQRT1_2)), 1), 0.5);
    const density = ops.mul(ops.exp(ops.mul(ops.mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return [ops.mul(g, ops.add(cumulative, ops.mul(x, density)))];
  },
  greaterEqual: () => [null, null],
  where: ({ inputs: [condition, yes, no] }, g) => [
    null,
    sumTo(ops.where(condition, g, 0), yes.shape),
    sumTo(ops.where(condition, 0, g), no.shape),
  ],
  matmul: ({ inputs: [a, b] }, g, [, ofB]) => {
    const da = sumTo(ops.matmul(g, ops.swapLast(b)), a.shape);
    // Its size may be known at run time only.
    if (!ofB) return [da, null];
    // A shared matrix: one large product instead of a batch of products and their sum.
    if (b.shape.length === 2) return [da, ops.matmul(ops.swapLast(flat(a)), flat(g))];
    return [da, sumTo(ops.matmul(ops.swapLast(a), g), b.shape)];
  },
  transpose: ({ op }, g) => {
    const inverse = op.perm.map((_, axis) => op.perm.indexOf(axis));
    return [ops.transpose(g, inverse)];
  },
  reshape: ({ inputs: [x] }, g) => [ops.reshape(g, x.shape)],
  expandLike: ({ inputs: [x] }, g) => [sumTo(g, x.shape), null],
  reduceSum: ({ inputs: [x] }, g) => [ops.expandLike(g, x)],
  softmax: (y, g) => [ops.mul(y, ops.sub(g, ops.reduceSum(ops.mul(g, y), [last(y)])))],
  logSoftmax: (y, g) => [ops.sub(g, ops.mul(ops.exp(y), ops.reduceSum(g, [last(y)])))],
  topKMask: () => [null],
  concat: ({ op, inputs }, g) => {
    let start = 0;
    return inputs.map((x) => {
      const end = start + fixedSize([x.shape[op.axis]]);
      const part = ops.slice(g, op.axis, start, end);
      start = end;
      return part;
    });
  },
  slice: ({ op, inputs: [x] }, g) => [padSlice(g, x.shape, op.axis, op.start, op.end)],
  gather: ({ op, inputs: [x, ids] }, g) => {
    if (op.axis !== 0 || x.shape.length !== 2) {
      throw new Error(
        `gather: has a gradient only for rows of a matrix, not ${showShape(x.shape)}`,
      );
    }
    const flatIds = ops.reshape(ids, [fixedSize(ids.shape)]);
    return [ops.scatterAdd(flatIds, flat(g), fixedSize([x.shape[0]])), null];
  },
  scatterAdd: ({ inputs: [ids] }, g) => [null, ops.gather(g, ids)],
  pick: ({ inputs: [x, ids] }, g) => [ops.place(g, ids, fixedSize([x.shape[last(x)]])), null],
  place: ({ inputs: [, ids] }, g) => [ops.pick(g, ids), null],
};

/** One rule with its type erased, for a value of its own kind. */
function applyRule(value: Value, grad: Value, asked: readonly boolean[]): (Value | null)[] {
  return (rules[value.op.kind] as Rule<OpKind>)(value, grad, asked);
}

/**
 * Gradients of a scalar loss by some values of its graph, each of the value's shape; a value that the
 * loss does not depend on has zeros.
 */
export function gradients(loss: Value, wanted: readonly Value[]): Value[] {
  if (staticSize(loss.shape) !== 1) {
    throw new Error(`gradient: the loss must be one number, not ${showShape(loss.shape)}`);
  }
  const order = topologicalOrder([loss]);
  const needed = new Set<Value>(wanted);
  for (const value of order) {
    if (value.inputs.some((x) => needed.has(x))) needed.add(value);
  }
  const one = ops.constant(
    Float32Array.of(1),
    loss.shape.map(() => 1),
  );
  const grads = new Map<Value, Value>([[loss, one]]);
  for (const value of order.reverse()) {
    const grad = grads.get(value);
    if (!grad || !needed.has(value)) continue;
    const asked = value.inputs.map((x) => needed.has(x));
    applyRule(value, grad, asked).forEach((part, i) => {
      const x = value.inputs[i];
      if (!part || !asked[i]) return;
      const sum = grads.get(x);
      grads.set(x, sum ? ops.add(sum, part) : part);
    });
  }
  return wanted.map((value) => grads.get(value) ?? zeros(value.shape));
}

/** The operations that have a rule, for tests that loop over all of them. */
export const differentiableKinds = Object.keys(rules) as OpKind[];
