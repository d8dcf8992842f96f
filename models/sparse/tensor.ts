/**
 * Arrays in the engine's memory as views: an address, sizes and strides. Transposing, slicing and most
 * reshaping change only the view, and an axis whose entries are all alike has stride 0, so that what
 * many rows share is stored and computed once.
 */

/** A piece of memory; several views may look at it. */
export interface Storage {
  /** Address, in bytes. */
  readonly address: number;
  readonly bytes: number;
}

/** A view of numbers of four bytes (float32, int32, or a truth value as all ones or all zeros). */
export interface Tensor {
  readonly storage: Storage;
  /** Of the first entry, in bytes. */
  readonly address: number;
  readonly shape: readonly number[];
  /** In entries; 0 where an axis has one entry or its entries are all alike. */
  readonly strides: readonly number[];
  /** What all entries are known to be, so that multiplying or adding them can be left out. */
  readonly all: 0 | 1 | null;
  /** Of integers that count up one by one: the first. */
  readonly counted: number | null;
}

/** Entries between the same columns of two channels that many channels must not lie apart. */
const ALIASING = 128;
/** A cache line. */
const GAP = 16;

/**
 * Strides of axes in an order, the slowest first, and the entries that they span. With `gaps`, channels
 * (the last axis, where it is not the fastest) are kept from lying multiples of 512 bytes apart: the
 * processor's cache has few places for such addresses, and kernels that go through the channels of some
 * columns would find none of them there again.
 */
export function layout(
  shape: readonly number[],
  order: readonly number[],
  gaps: boolean,
): { strides: number[]; size: number } {
  const strides = new Array<number>(shape.length).fill(0);
  let next = 1;
  for (const axis of order.toReversed()) {
    const crosses = axis === shape.length - 1 && shape[axis] > 1;
    if (gaps && crosses && next > 1 && next % ALIASING === 0) next += GAP;
    if (shape[axis] > 1) strides[axis] = next;
    next *= shape[axis];
  }
  return { strides, size: next };
}

/** A view of all of a piece of memory, its axes packed in the order given, the slowest first. */
export function packed(
  storage: Storage,
  shape: readonly number[],
  order: readonly number[],
): Tensor {
  const { strides } = layout(shape, order, false);
  return { storage, address: storage.address, shape, strides, all: null, counted: null };
}

/** Entries that are stored apart from each other. */
export function distinct({ shape, strides }: Tensor): number {
  return shape.reduce((count, size, axis) => (strides[axis] === 0 ? count : count * size), 1);
}

/** Entries of a shape. */
export function count(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

export function transposed(x: Tensor, perm: readonly number[]): Tensor {
  const shape = perm.map((axis) => x.shape[axis]);
  return { ...x, shape, strides: perm.map((axis) => x.strides[axis]) };
}

export function sliced(x: Tensor, axis: number, start: number, end: number): Tensor {
  const address = x.address + 4 * start * x.strides[axis];
  const shape = x.shape.with(axis, end - start);
  const strides = end - start === 1 ? x.strides.with(axis, 0) : x.strides;
  return { ...x, address, shape, strides };
}

/** Broadcast to a shape, axes aligned from the right. */
export function broadcast(x: Tensor, shape: readonly number[]): Tensor {
  const extra = shape.length - x.shape.length;
  const strides = shape.map((size, axis) => {
    const own = axis - extra;
    return own < 0 || (x.shape[own] === 1 && size !== 1) ? 0 : x.strides[own];
  });
  return { ...x, shape, strides };
}

/** Common shape of arrays that broadcast against each other. */
export function commonShape(...shapes: (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}

/**
 * The same entries in another shape as a view, or null where that takes a copy. Axes are matched in
 * groups of equal size; within a group the old ones must be one evenly spaced row.
 */
export function reshaped(x: Tensor, shape: readonly number[]): Tensor | null {
  const strides = new Array<number>(shape.length).fill(0);
  let [from, to] = [0, 0];
  while (from < x.shape.length || to < shape.length) {
    const [firstFrom, firstTo] = [from, to];
    let [left, right] = [x.shape[from++] ?? 1, shape[to++] ?? 1];
    while (left !== right) {
      if (left < right) left *= x.shape[from++];
      else right *= shape[to++];
    }
    const spacing = evenSpacing(x, firstFrom, from);
    if (spacing === null) return null;
    let next = spacing;
    for (let axis = Math.min(to, shape.length) - 1; axis >= firstTo; axis--) {
      if (shape[axis] > 1) strides[axis] = next;
      next *= shape[axis];
    }
  }
  return { ...x, shape, strides };
}

/** Stride at which neighbouring axes are one row of entries; null when they are not. */
function evenSpacing(x: Tensor, start: number, end: number): number | null {
  let spacing: number | null = null;
  let reach = 0;
  for (let axis = Math.min(end, x.shape.length) - 1; axis >= start; axis--) {
    if (x.shape[axis] === 1) continue;
    if (spacing === null) spacing = x.strides[axis];
    else if (x.strides[axis] !== reach) return null;
    reach = x.strides[axis] * x.shape[axis];
  }
  return spacing ?? 0;
}

/** Axes of a shape, the slowest first, in which results are stored unless something speaks for another order. */
export function usualOrder(shape: readonly number[]): number[] {
  // Channels slow, batch and positions fast: matrices multiply columns, and kernels work on
  // neighbouring columns at once.
  const last = shape.length - 1;
  const slow = shape.length === 4 ? [1, 3] : last >= 0 ? [last] : [];
  const fast = [...shape.keys()].filter((axis) => !slow.includes(axis));
  return [...slow, ...fast];
}

/** The order of the first operand that has all entries of the result apart, or the usual one. */
export function orderLike(shape: readonly number[], operands: readonly Tensor[]): number[] {
  const size = count(shape);
  const model = operands.find((x) => distinct(x) === size);
  return model ? orderOf(model) : usualOrder(shape);
}

/** Axes by decreasing stride; those of stride 0 first, in the usual order. */
export function orderOf(x: Tensor): number[] {
  return usualOrder(x.shape).sort((a, b) =>
    x.strides[a] === 0 || x.strides[b] === 0
      ? Number(x.strides[a] !== 0) - Number(x.strides[b] !== 0)
      : x.strides[b] - x.strides[a],
  );
}

/** Loops over some axes: their size and each operand's stride. */
export interface Loop {
  readonly size: number;
  readonly strides: readonly number[];
}

/**
 * Fewest loops that visit some axes of all operands, in the order of the first operand's strides, the
 * innermost last. At least one, of size 1 where there is nothing to loop over.
 */
export function loops(operands: readonly Tensor[], axes: readonly number[]): Loop[] {
  const all = axes
    .map((axis) => {
      const strides = operands.map((x) => x.strides[axis]);
      return { size: operands[0].shape[axis], strides };
    })
    .filter(({ size }) => size > 1)
    .sort((a, b) => b.strides[0] - a.strides[0]);
  const merged: Loop[] = [];
  for (const loop of all) {
    const outer = merged.at(-1);
    if (outer?.strides.every((stride, i) => stride === loop.strides[i] * loop.size)) {
      merged[merged.length - 1] = { size: outer.size * loop.size, strides: loop.strides };
    } else merged.push(loop);
  }
  return merged.length > 0 ? merged : [{ size: 1, strides: operands.map(() => 0) }];
}

/** So many loops, the missing ones of size 1 on the outside. */
export function padded(given: readonly Loop[], count: number, operands: number): Loop[] {
  if (given.length > count) throw new Error(`an array has more than ${count} axes that are apart`);
  const none: Loop = { size: 1, strides: new Array<number>(operands).fill(0) };
  return [...new Array<Loop>(count - given.length).fill(none), ...given];
}
