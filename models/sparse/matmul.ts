/** Matrix products: which kernel multiplies, and over which axes it runs four columns at once. */
import { copied } from './kernelCalls';
import type { SparseMatrix } from './constants';
import type { Target } from './program';
import {
  broadcast,
  commonShape,
  count,
  loops,
  orderOf,
  packed,
  padded,
  usualOrder,
  type Tensor,
} from './tensor';

/** x [..., k] · matrix [k, n], where the matrix is fixed and mostly zero. */
export function sparseProduct(target: Target, x: Tensor, matrix: SparseMatrix): Tensor {
  const last = x.shape.length - 1;
  const leading = [...x.shape.keys()].filter((axis) => axis !== last && x.strides[axis] !== 0);
  let columns = loops([x], leading);
  let from = x;
  if (columns.length > 1 || (columns[0].size > 1 && columns[0].strides[0] !== 1)) {
    const shape = x.shape.map((size, axis) => (axis === last || x.strides[axis] ? size : 1));
    from = copied(target, { ...x, shape }, usualOrder(shape));
    columns = loops([from], leading);
  }
  const [{ size }] = columns;
  // The columns of the result lie as those of x.
  const order = leading.toSorted((a, b) => from.strides[b] - from.strides[a]);
  const shape = x.shape.map((own, axis) =>
    axis === last ? matrix.columns : leading.includes(axis) ? own : 1,
  );
  const rest = [...shape.keys()].filter((axis) => axis !== last && !leading.includes(axis));
  const result = target.allocate(shape, [last, ...rest, ...order]);
  target.emit({
    kernel: 'sparse',
    arrays: [result, from, matrix.starts, matrix.indices, matrix.values],
    ints: [matrix.columns, size, result.strides[last] || size, from.strides[last]],
    work: matrix.nonzeros * size,
  });
  return broadcast(result, [...x.shape.slice(0, -1), matrix.columns]);
}

/** A product of two arrays [..., m, k] · [..., k, n], as roles of their axes. */
interface Product {
  readonly result: Tensor;
  /** [leading, m, k] and [leading, k, n], leading axes broadcast. */
  readonly left: Tensor;
  readonly right: Tensor;
}

/** x [..., m, k] · y [..., k, n] of arrays that a run makes; leading axes broadcast. */
export function product(target: Target, x: Tensor, y: Tensor): Tensor {
  const lead = commonShape(x.shape.slice(0, -2), y.shape.slice(0, -2));
  const [m, k] = x.shape.slice(-2);
  const n = y.shape[y.shape.length - 1];
  const shape = [...lead, m, n];
  const left = broadcast(x, [...lead, m, k]);
  const right = broadcast(y, [...lead, k, n]);
  const rank = shape.length;
  // What is alike in both, or in the one that has the axis, is worked out once.
  const own = shape.map((size, axis) => {
    const differs =
      (axis !== rank - 1 && left.strides[axis] !== 0) ||
      (axis !== rank - 2 && right.strides[axis] !== 0);
    return differs ? size : 1;
  });
  // As the left array lies, n in the place of k: what were columns stay so.
  const result = target.allocate(own, orderOf({ ...left, shape: own }));
  const cut = (z: Tensor, last: readonly number[]) => ({
    ...z,
    shape: [...own.slice(0, -2), ...last],
  });
  const [rows, columns] = own.slice(-2);
  multiply(target, { result, left: cut(left, [rows, k]), right: cut(right, [k, columns]) });
  return broadcast(result, shape);
}

/** The same with left and right exchanged, transposed. */
function flipped({ result, left, right }: Product): Product {
  const swap = (x: Tensor): Tensor => {
    const last = x.shape.length - 1;
    const flip = <T>(list: readonly T[]) => [...list.slice(0, -2), list[last], list[last - 1]];
    return { ...x, shape: flip(x.shape), strides: flip(x.strides) };
  };
  return { result: swap(result), left: swap(right), right: swap(left) };
}

function multiply(target: Target, product: Product): void {
  const ways = [product, flipped(product)].map((way) => ({ way, columns: columnsOf(way) }));
  const [best] = ways.sort((a, b) => b.columns.size - a.columns.size);
  const paired = pairedAxis(product);
  const lanes = paired === null ? 1 : product.result.shape[paired];
  if (paired !== null && best.columns.size < 8 && lanes > best.columns.size) {
    emitPaired(target, product, paired);
  } else if (
    best.columns.size > 1 ||
    (best.columns.size === 1 && count(product.result.shape) < 64)
  ) {
    emitSpread(target, best.way, best.columns.axes);
  } else {
    // Neither has neighbouring columns: those of the right are laid beside each other.
    const { result, left, right } = product;
    const rank = result.shape.length;
    const order = [...result.shape.keys()];
    const shape = right.shape.map((size, axis) =>
      axis < rank - 2 && right.strides[axis] === 0 ? 1 : size,
    );
    const row = copied(target, { ...right, shape }, order);
    const own = packed(target.allocate(result.shape, order).storage, result.shape, order);
    emitSpread(target, { result: own, left, right: broadcast(row, right.shape) }, [rank - 1]);
    writeBack(target, result, own);
  }
}

function writeBack(target: Target, result: Tensor, own: Tensor): void {
  target.emit({ ...copyCommand(result, own), work: count(result.shape) });
}

function copyCommand(result: Tensor, x: Tensor) {
  const four = padded(loops([result, x, x, x], [...result.shape.keys()]), 4, 4);
  const strides = [0, 1, 2, 3].flatMap((i) => four.map((loop) => loop.strides[i]));
  return {
    kernel: 'elementwise' as const,
    arrays: [result, x, x, x],
    ints: [0, ...four.map(({ size }) => size), ...strides],
  };
}

/**
 * The axes of the result that lie beside each other in the right array: n, and leading axes along which
 * the left array is the same. The left array's entries are each spread over such columns.
 */
function columnsOf({ result, left, right }: Product): { size: number; axes: number[] } {
  const rank = result.shape.length;
  const axes = [...result.shape.keys()].filter(
    (axis) =>
      result.shape[axis] > 1 &&
      (axis === rank - 1 || (axis < rank - 2 && left.strides[axis] === 0)),
  );
  const strides = alignedRight({ right, rank }).strides;
  if (result.shape[rank - 1] > 1 && result.strides[rank - 1] !== strides[rank - 1]) {
    return { size: 0, axes: [] };
  }
  const found: number[] = [];
  let size = 1;
  for (const axis of axes.sort((a, b) => strides[a] - strides[b])) {
    if (strides[axis] !== size || result.strides[axis] !== size) break;
    found.push(axis);
    size *= result.shape[axis];
  }
  // Every n is a column.
  const whole = result.shape[rank - 1] === 1 || found.includes(rank - 1);
  return whole ? { size, axes: found } : { size: 0, axes: [] };
}

/** The right array's strides by the result's axes; m has none. */
function alignedRight({ right, rank }: { right: Tensor; rank: number }): Tensor {
  const strides = [...right.strides.slice(0, rank - 2), 0, right.strides[rank - 1]];
  return { ...right, strides };
}

function emitSpread(target: Target, { result, left, right }: Product, columns: number[]): void {
  const rank = result.shape.length;
  const [m, n] = [rank - 2, rank - 1];
  const k = left.shape[n];
  const size = columns.reduce((all, axis) => all * result.shape[axis], 1);
  const outer = [...result.shape.keys()].filter((axis) => axis < m && !columns.includes(axis));
  const [o1, o2] = padded(loops([result, left, alignedRight({ right, rank })], outer), 2, 3);
  target.emit({
    kernel: 'spread',
    arrays: [result, left, right],
    ints: [
      ...[result.shape[m], size, k],
      ...[result.strides[m], left.strides[m], left.strides[n], right.strides[m]],
      ...[o1.size, o2.size],
      ...[0, 1, 2].flatMap((i) => [o1.strides[i], o2.strides[i]]),
    ],
    work: count(result.shape) * k,
  });
}

/** A leading axis along which all three arrays are contiguous. */
function pairedAxis({ result, left, right }: Product): number | null {
  const axis = result.strides.findIndex(
    (stride, i) =>
      i < result.shape.length - 2 &&
      stride === 1 &&
      left.strides[i] === 1 &&
      right.strides[i] === 1,
  );
  return axis < 0 ? null : axis;
}

function emitPaired(target: Target, { result, left, right }: Product, axis: number): void {
  const rank = result.shape.length;
  const [m, n] = [rank - 2, rank - 1];
  const k = left.shape[n];
  const outer = [...result.shape.keys()].filter((i) => i < m && i !== axis);
  const [o1, o2] = padded(loops([result, left, right], outer), 2, 3);
  target.emit({
    kernel: 'paired',
    arrays: [result, left, right],
    ints: [
      ...[result.shape[m], result.shape[n], k, result.shape[axis]],
      ...[result.strides[m], result.strides[n], left.strides[m], left.strides[n]],
      ...[right.strides[m], right.strides[n]],
      ...[o1.size, o2.size],
      ...[0, 1, 2].flatMap((i) => [o1.strides[i], o2.strides[i]]),
    ],
    work: count(result.shape) * k,
  });
}
