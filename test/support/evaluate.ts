/**
 * A slow evaluator of graphs in float64, one plain rule an operation: the yardstick for derivatives
 * and for what ONNX Runtime computes.
 */
import { showShape, type Dim, type Op, type OpKind, type Value } from '../../models/graph/ir';
import { array, indexOf, sizeOf, type NdArray } from './arrays';
import { denseOf } from '../../models/graph/sparse';
import { erf, gelu } from './reference';

/** Arrays by the name of the graph's input that they are for. */
export type Feeds = Readonly<Record<string, NdArray>>;

/** Arrays fed, and the sizes that they give to the axes known only at run time. */
interface Run {
  readonly feeds: Feeds;
  readonly sizes: ReadonlyMap<string, number>;
}

/** The outputs of a graph; throws when an array has not the shape that the graph promises. */
export function evaluate<Name extends string>(
  outputs: Readonly<Record<Name, Value>>,
  feeds: Feeds,
): Record<Name, NdArray> {
  const done = new Map<Value, NdArray>();
  const run = { feeds, sizes: new Map<string, number>() };
  const visit = (value: Value): NdArray => {
    const known = done.get(value);
    if (known) return known;
    const result = applyRule(value, value.inputs.map(visit), run);
    checkShape(value, result, run.sizes);
    done.set(value, result);
    return result;
  };
  const entries = Object.entries<Value>(outputs).map(([name, value]) => [name, visit(value)]);
  return Object.fromEntries(entries) as Record<Name, NdArray>;
}

/** Size of an axis: null where `name?` leaves it open. */
function sizeOfDim(dim: Dim, sizes: ReadonlyMap<string, number>): number | null {
  if (typeof dim === 'number') return dim;
  const of = (part: string) => (/^\d+$/.test(part) ? Number(part) : (sizes.get(part) ?? null));
  const product = (term: string) => {
    const factors = term.split('*').map(of);
    return factors.length === 1 ? factors[0] : factors.reduce<number>((a, b) => a * (b ?? NaN), 1);
  };
  const terms = dim.split('+').map(product);
  return terms.length === 1 ? terms[0] : terms.reduce<number>((a, b) => a + (b ?? NaN), 0);
}

/** Compares an array with the shape that the graph promises; the first use of a name binds it. */
function checkShape(value: Value, { shape }: NdArray, sizes: Map<string, number>): void {
  const fits = value.shape.map((dim, axis) => {
    if (typeof dim === 'string' && dim.endsWith('?')) {
      return shape[axis] === 1 || shape[axis] === (sizes.get(dim.slice(0, -1)) ?? shape[axis]);
    }
    if (typeof dim === 'string' && value.op.kind === 'input' && !sizes.has(dim)) {
      sizes.set(dim, shape[axis]);
    }
    return shape[axis] === sizeOfDim(dim, sizes);
  });
  if (shape.length === value.shape.length && fits.every(Boolean)) return;
  throw new Error(`${value.op.kind} made ${showShape(shape)}, not ${showShape(value.shape)}`);
}

/** An array whose entries are a function of their index. */
function build(shape: readonly number[], entry: (index: readonly number[]) => number): NdArray {
  const data = new Float64Array(sizeOf(shape));
  const index = shape.map(() => 0);
  for (let at = 0; at < data.length; at++) {
    data[at] = entry(index);
    advance(index, shape);
  }
  return { shape, data };
}

/** Makes an index that of the next entry. */
function advance(index: number[], shape: readonly number[]): void {
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (++index[axis] < shape[axis]) return;
    index[axis] = 0;
  }
}

/** Place of an entry; axes align from the right, and an axis of size 1 has its entry everywhere. */
function offsetOf(shape: readonly number[], index: readonly number[]): number {
  const skip = index.length - shape.length;
  let offset = 0;
  for (const [axis, size] of shape.entries()) {
    const at = size === 1 ? 0 : index[skip + axis];
    if (!(at >= 0 && at < size)) throw new Error(`no entry ${at} in axis ${axis} of size ${size}`);
    offset = offset * size + at;
  }
  return offset;
}

function read(x: NdArray, index: readonly number[]): number {
  return x.data[offsetOf(x.shape, index)];
}

/** Common shape of arrays that broadcast against each other. */
function broadcast(...shapes: (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) =>
    Math.max(...shapes.map((shape) => shape[axis - rank + shape.length] ?? 1)),
  );
}

/** A function of one row of the last axis, for every row. */
function eachRow({ shape, data }: NdArray, f: (row: number[]) => number[]): NdArray {
  const width = shape[shape.length - 1];
  const rows = Array.from({ length: data.length / width }, (_, row) =>
    f([...data.subarray(row * width, (row + 1) * width)]),
  );
  return array(shape, rows.flat());
}

function logSoftmax(row: readonly number[]): number[] {
  const top = Math.max(...row);
  const sum = row.reduce((total, x) => total + Math.exp(x - top), 0);
  return row.map((x) => x - top - Math.log(sum));
}

type EvalRule<K extends OpKind> = (
  value: Value & { op: Extract<Op, { kind: K }> },
  inputs: readonly NdArray[],
  run: Run,
) => NdArray;

/** An operation that makes each entry of the entries at the same place. */
const elementwise =
  (f: (...x: number[]) => number) =>
  (_: Value, inputs: readonly NdArray[]): NdArray =>
    build(broadcast(...inputs.map((x) => x.shape)), (index) =>
      f(...inputs.map((x) => read(x, index))),
    );

const rules: { readonly [K in OpKind]: EvalRule<K> } = {
  input: ({ op }, _, { feeds }) => {
    const fed = feeds[op.name];
    if (!fed) throw new Error(`nothing is fed for '${op.name}'`);
    return fed;
  },
  constant: ({ op, shape }) => array(shape as number[], denseOf(op.data)),
  add: elementwise((a, b) => a + b),
  sub: elementwise((a, b) => a - b),
  mul: elementwise((a, b) => a * b),
  div: elementwise((a, b) => a / b),
  neg: elementwise((x) => -x),
  exp: elementwise(Math.exp),
  log: elementwise(Math.log),
  sqrt: elementwise(Math.sqrt),
  erf: elementwise(erf),
  gelu: elementwise(gelu),
  greaterEqual: elementwise((a, b) => (a >= b ? 1 : 0)),
  where: elementwise((condition, yes, no) => (condition ? yes : no)),
  matmul: (_, [a, b]) => {
    const lead = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const [rows, inner] = a.shape.slice(-2);
    const columns = b.shape[b.shape.length - 1];
    return build([...lead, rows, columns], (index) => {
      const left = index.with(-1, 0);
      const right = index.with(-2, 0);
      let sum = 0;
      for (let i = 0; i < inner; i++) {
        left[index.length - 1] = i;
        right[index.length - 2] = i;
        sum += read(a, left) * read(b, right);
      }
      return sum;
    });
  },
  transpose: ({ op: { perm } }, [x]) => {
    const shape = perm.map((axis) => x.shape[axis]);
    return build(shape, (index) => {
      const source: number[] = [];
      for (const [i, axis] of perm.entries()) source[axis] = index[i];
      return read(x, source);
    });
  },
  reshape: ({ op }, [x], { sizes }) =>
    array(
      op.shape.map((dim) => sizeOfDim(dim, sizes) ?? NaN),
      x.data,
    ),
  expandLike: (_, [x, like]) => build(like.shape, (index) => read(x, index)),
  reduceSum: ({ op: { axes } }, [x]) => {
    const sums = build(
      x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
      () => 0,
    );
    for (const [at, entry] of x.data.entries()) {
      sums.data[offsetOf(sums.shape, indexOf(x.shape, at))] += entry;
    }
    return sums;
  },
  softmax: (_, [x]) => eachRow(x, (row) => logSoftmax(row).map(Math.exp)),
  logSoftmax: (_, [x]) => eachRow(x, logSoftmax),
  topKMask: ({ op }, [x]) =>
    eachRow(x, (row) => {
      const least = row.map(Math.abs).sort((a, b) => b - a)[op.k - 1];
      return row.map((entry) => (Math.abs(entry) >= least ? 1 : 0));
    }),
  concat: ({ op: { axis } }, parts) => {
    const sizes = parts.map((part) => part.shape[axis]);
    const total = sizes.reduce((a, b) => a + b);
    return build(parts[0].shape.with(axis, total), (index) => {
      let at = index[axis];
      let part = 0;
      for (; at >= sizes[part]; part++) at -= sizes[part];
      return read(parts[part], index.with(axis, at));
    });
  },
  slice: ({ op: { axis, start, end } }, [x]) =>
    build(x.shape.with(axis, end - start), (index) =>
      read(x, index.with(axis, index[axis] + start)),
    ),
  gather: ({ op: { axis } }, [x, ids]) => {
    const after = axis + ids.shape.length;
    const shape = [...x.shape.slice(0, axis), ...ids.shape, ...x.shape.slice(axis + 1)];
    return build(shape, (index) => {
      const id = read(ids, index.slice(axis, after));
      return read(x, [...index.slice(0, axis), id, ...index.slice(after)]);
    });
  },
  scatterAdd: ({ op: { rows } }, [ids, updates]) =>
    build([rows, updates.shape[1]], ([row, column]) => {
      let sum = 0;
      for (const [from, id] of ids.data.entries()) {
        if (id === row) sum += read(updates, [from, column]);
      }
      return sum;
    }),
  pick: (_, [x, ids]) =>
    build([...ids.shape, 1], (index) => read(x, index.with(-1, read(ids, index.slice(0, -1))))),
  place: ({ op: { depth } }, [x, ids]) =>
    build([...ids.shape, depth], (index) => {
      const id = read(ids, index.slice(0, -1));
      return index[index.length - 1] === id ? read(x, index.with(-1, 0)) : 0;
    }),
};

/** One rule with its type erased, for a value of its own kind. */
function applyRule(value: Value, inputs: readonly NdArray[], run: Run): NdArray {
  return (rules[value.op.kind] as EvalRule<OpKind>)(value, inputs, run);
}
