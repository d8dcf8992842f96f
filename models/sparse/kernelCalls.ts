/** Calls of kernels on tensors: the right loops, and copies where a kernel cannot read a layout. */
import type { Target } from './program';
import {
  broadcast,
  commonShape,
  count,
  distinct,
  loops,
  orderLike,
  orderOf,
  padded,
  usualOrder,
  type Tensor,
} from './tensor';

/** Operations of the elementwise kernel by number, as in kernels/elementwise.ts. */
export const ELEMENTWISE = {
  ...{ copy: 0, add: 1, sub: 2, mul: 3, div: 4, neg: 5, exp: 6, log: 7, sqrt: 8, erf: 9, gelu: 10 },
  ...{ greaterEqual: 11, greaterEqualInt: 12, where: 13 },
} as const;
export type Elementwise = keyof typeof ELEMENTWISE;

/** About how many multiplications an entry is worth. */
const COST: Partial<Record<Elementwise, number>> = { exp: 8, log: 30, erf: 8, gelu: 10, div: 2 };
/** Entries from which on a copy in the result's layout is worth it. */
const WORTH_COPYING = 256;

/** One entry of the result from those at the same place of up to three operands. */
export function elementwise(target: Target, op: Elementwise, operands: readonly Tensor[]): Tensor {
  const shape = commonShape(...operands.map((x) => x.shape));
  const spread = operands.map((x) => broadcast(x, shape));
  const result = allocateLike(target, shape, spread);
  writeElementwise(target, op, result, spread);
  return broadcast(result, shape);
}

/** Memory for what is made of operands of one shape: axes alike in all of them are stored once. */
function allocateLike(
  target: Target,
  shape: readonly number[],
  operands: readonly Tensor[],
): Tensor {
  const own = shape.map((size, axis) => (operands.some((x) => x.strides[axis] !== 0) ? size : 1));
  return target.allocate(own, orderLike(own, operands));
}

function writeElementwise(
  target: Target,
  op: Elementwise,
  result: Tensor,
  operands: readonly Tensor[],
): void {
  const own = operands.map((x) => alike(x, result.shape));
  const readable = own.map((x) => inLayoutOf(target, op, x, result));
  const [x, y = x, z = x] = readable;
  const axes = [...result.shape.keys()];
  const all = loops([result, x, y, z], axes);
  const ints = (part: typeof all) => {
    const four = padded(part, 4, 4);
    const strides = [0, 1, 2, 3].flatMap((i) => four.map((loop) => loop.strides[i]));
    return [ELEMENTWISE[op], ...four.map(({ size }) => size), ...strides];
  };
  const work = count(result.shape) * (COST[op] ?? 1);
  const exchanged = op === 'copy' ? exchange(all) : null;
  if (exchanged) target.emit({ kernel: 'exchange', arrays: [result, x], ints: exchanged, work });
  else target.emit({ kernel: 'elementwise', arrays: [result, x, y, z], ints: ints(all), work });
}

/** A broadcast view with the axes that a result stores once left at one entry. */
function alike(x: Tensor, shape: readonly number[]): Tensor {
  return { ...x, shape };
}

/** Copies rows that run across the result's, unless they are few. */
function inLayoutOf(target: Target, op: Elementwise, x: Tensor, result: Tensor): Tensor {
  if (op === 'copy' || distinct(x) < WORTH_COPYING) return x;
  const inner = result.strides.indexOf(1);
  if (inner < 0 || x.strides[inner] <= 1) return x;
  const shape = x.shape.map((size, axis) => (x.strides[axis] === 0 ? 1 : size));
  const copy = target.allocate(shape, orderOf(result));
  writeElementwise(target, 'copy', copy, [alike(x, shape)]);
  return { ...copy, shape: x.shape };
}

/** What the exchange kernel takes when a copy's two loops change places. */
function exchange(all: ReturnType<typeof loops>): number[] | null {
  if (all.length !== 2) return null;
  const [outer, inner] = all;
  if (inner.strides[0] !== 1 || outer.strides[1] !== 1) return null;
  return [outer.size, inner.size, outer.strides[0], inner.strides[1]];
}

/** Entries of x written into a part of a result. */
export function copyInto(target: Target, result: Tensor, x: Tensor): void {
  writeElementwise(target, 'copy', result, [broadcast(x, result.shape)]);
}

/** x in memory of its own, its axes in an order. */
export function copied(target: Target, x: Tensor, order: readonly number[]): Tensor {
  const result = target.allocate(x.shape, order);
  copyInto(target, result, x);
  return result;
}

/** Zeros. */
export function zeros(target: Target, shape: readonly number[], zero: Tensor): Tensor {
  const result = target.allocate(shape, usualOrder(shape));
  copyInto(target, result, zero);
  return result;
}
