/** Shape rules: what comes out of an operation, or an error that names the operation and the shapes. */
import { showShape, type Dim, type OpKind, type Shape } from './ir';

/** Error for shapes that do not fit an operation. */
export function shapeError(kind: OpKind, shapes: readonly Shape[], why: string): Error {
  return new Error(`${kind}: ${why} (shapes ${shapes.map(showShape).join(' and ')})`);
}

/** Product of the sizes, or null when one of them is only known at run time. */
export function staticSize(shape: Shape): number | null {
  let size = 1;
  for (const dim of shape) {
    if (typeof dim !== 'number') return null;
    size *= dim;
  }
  return size;
}

/** Common size of two axes that broadcast against each other, or null. */
function broadcastDim(a: Dim, b: Dim): Dim | null {
  if (a === b || b === 1) return a;
  if (a === 1) return b;
  if (`${a}?` === b) return a;
  if (`${b}?` === a) return b;
  return null;
}

/** Shape of an elementwise operation, with the axes aligned from the right as in NumPy. */
export function broadcastShapes(kind: OpKind, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const out: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    const dim = broadcastDim(left, right);
    if (dim === null) throw shapeError(kind, [a, b], `axis ${i} does not broadcast`);
    out.push(dim);
  }
  return out;
}

/** Shape of a matrix product [..., m, k] x [..., k, n], leading axes broadcast. */
export function matmulShape(a: Shape, b: Shape): Shape {
  if (a.length < 2 || b.length < 2) {
    throw shapeError('matmul', [a, b], 'both sides need at least two axes');
  }
  if (a[a.length - 1] !== b[b.length - 2]) {
    throw shapeError('matmul', [a, b], 'inner sizes differ');
  }
  const lead = broadcastShapes('matmul', a.slice(0, -2), b.slice(0, -2));
  return [...lead, a[a.length - 2], b[b.length - 1]];
}

/** Throws unless `axis` is one of the shape's. */
export function checkAxis(kind: OpKind, shape: Shape, axis: number): void {
  if (!Number.isInteger(axis) || axis < 0 || axis >= shape.length) {
    throw shapeError(kind, [shape], `there is no axis ${axis}`);
  }
}

/** Shape after joining along an axis; every other axis must agree. */
export function concatShape(shapes: readonly Shape[], axis: number): Shape {
  const first = shapes[0];
  checkAxis('concat', first, axis);
  for (const shape of shapes) {
    const fits =
      shape.length === first.length && shape.every((d, i) => i === axis || d === first[i]);
    if (!fits) throw shapeError('concat', shapes, `shapes differ beside axis ${axis}`);
  }
  return first.map((d, i) => (i === axis ? sumOf(shapes.map((shape) => shape[axis])) : d));
}

/** Sizes added up: `pos` and 1 are `pos+1`, that and 2 are `pos+3`, `pos` and `past` are `past+pos`. */
function sumOf(sizes: readonly Dim[]): Dim {
  const terms = sizes.flatMap((size) => String(size).split('+'));
  const fixed = terms.reduce((sum, term) => sum + (isNumber(term) ? Number(term) : 0), 0);
  const named = terms.filter((term) => !isNumber(term)).sort();
  if (named.length === 0) return fixed;
  return [...named, ...(fixed > 0 ? [fixed] : [])].join('+');
}

function isNumber(term: string): boolean {
  return /^\d+$/.test(term);
}

/** Checks a reshape: as many entries before as after, with the same run-time sizes. */
export function checkReshape(from: Shape, to: Shape): void {
  const product = (shape: Shape) =>
    shape.filter((d) => typeof d === 'number').reduce((a, b) => a * b, 1);
  const names = (shape: Shape) =>
    shape
      .filter((d) => typeof d === 'string')
      .flatMap((d) => d.split('*'))
      .sort()
      .join();
  if (product(from) !== product(to) || names(from) !== names(to)) {
    throw shapeError('reshape', [from, to], 'the number of entries differs');
  }
}
