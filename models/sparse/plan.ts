/** A run worked out in advance: which kernels run on what, for inputs of given forms. */
import type { ConstantData, OpKind, Value } from '../graph/ir';
import { attentionOf } from './attention';
import { rules, type Rule, type Run } from './operations';
import { Arena, Program } from './program';
import { copied } from './kernelCalls';
import type { SparseMatrix } from './constants';
import type { Step } from './steps';
import { count, layout, packed, usualOrder, type Tensor } from './tensor';

/** What is known of an array before a run, beside its numbers. */
export interface Form {
  readonly dims: readonly number[];
  /** Entries that are stored along each axis: 1 where all along it are the same. */
  readonly stored: readonly number[];
  /** What all entries are, where they are all 0 or all 1. */
  readonly all: 0 | 1 | null;
  /** Of integers that count up one by one: the first. */
  readonly counted: number | null;
}

/** Where the constants of the graphs are. */
export interface Constants {
  /** Address after them. */
  readonly free: number;
  array(data: ConstantData): number;
  /** The right side of a product, when it is fixed and mostly zero. */
  matrix(value: Value): SparseMatrix | null;
}

/** An array of the host and its place during a run. */
export interface Place {
  readonly name: string;
  readonly address: number;
  readonly shape: readonly number[];
  /** Entries that are stored. */
  readonly size: number;
}

/** A program with the addresses of what it reads and writes. */
export interface Plan {
  readonly words: Int32Array;
  /** Where the words go, and how many commands they are. */
  readonly address: number;
  readonly commands: number;
  /** Address after everything. */
  readonly end: number;
  readonly inputs: readonly Place[];
  readonly results: readonly Place[];
}

/** What is to be planned. */
export interface PlanRequest {
  /** The values to compute, inputs before their users. */
  readonly order: readonly Step[];
  /** By name. */
  readonly outputs: ReadonlyMap<string, Value>;
  readonly forms: ReadonlyMap<string, Form>;
  readonly constants: Constants;
  readonly threads: number;
}

/** Plans a run. */
export function plan({ order, outputs, forms, constants, threads }: PlanRequest): Plan {
  const program = new Program(new Arena(constants.free), threads);
  const tensors = new Map<Value, Tensor>();
  const inputs: Place[] = [];
  const turned: Tensor[] = [];
  for (const { value } of order) {
    if (value.op.kind !== 'input') continue;
    const { name } = value.op;
    const { flat, fed } = place(program, forms.get(name)!);
    inputs.push({ name, address: flat.address, shape: flat.shape, size: count(flat.shape) });
    tensors.set(value, fed);
    if (fed.storage !== flat.storage) turned.push(flat);
  }
  // Not before: all arrays are written at once.
  for (const { storage } of turned) program.arena.give(storage);
  const sizes = sizesOf(order, forms);
  const zero = packed({ address: constants.array(ZERO), bytes: 0 }, [], []);
  const run: Omit<Run, 'target'> = {
    sizeOf: (dim) => sizeOfDim(dim, sizes),
    stored: (value) => tensors.get(value) ?? constant(value, constants),
    matrix: (value) => constants.matrix(value),
    zero: { ...zero, all: 0 },
  };
  const found = compute(program, run, tensors, order, new Set(outputs.values()));
  const results = [...outputs].map(([name, value]) => {
    const { address, shape } = found.get(value)!;
    return { name, address, shape, size: count(shape) };
  });
  const address = program.arena.end;
  const words = program.words(address);
  const end = address + words.byteLength;
  return { words, address, commands: program.count, end, inputs, results };
}

/** What zeros are copied from; it must be stored before a run is planned. */
export const ZERO = Float32Array.of(0);

/**
 * Every value in turn; memory is given back after its last use.
 * @returns the outputs as the host reads them: copied, where they lie otherwise, as soon as nothing else
 *   reads them
 */
function compute(
  program: Program,
  run: Omit<Run, 'target'>,
  tensors: Map<Value, Tensor>,
  order: readonly Step[],
  outputs: ReadonlySet<Value>,
): Map<Value, Tensor> {
  const results = new Map<Value, Tensor>();
  const releases = lastUses(order);
  const users = new Map<object, number>();
  const hold = ({ storage }: Tensor, by: number) => {
    const left = (users.get(storage) ?? 0) + by;
    users.set(storage, left);
    if (left === 0 && storage.bytes > 0) program.arena.give(storage);
  };
  for (const { value, inputs: from, attention } of order) {
    const taken: Tensor['storage'][] = [];
    const target: Run['target'] = {
      tasks: program.tasks,
      emit: (command) => {
        program.emit(command);
      },
      allocate: (shape, order) => {
        const x = program.allocate(shape, order);
        taken.push(x.storage);
        return x;
      },
    };
    const inputs = from.map((x) => tensors.get(x)!);
    const result = attention
      ? attentionOf(target, inputs)
      : (rules[value.op.kind] as Rule<OpKind>)({ ...run, target }, value, inputs);
    tensors.set(value, result);
    hold(result, 1);
    for (const storage of taken) if (storage !== result.storage) program.arena.give(storage);
    for (const x of releases.get(value) ?? []) {
      const own = tensors.get(x)!;
      const read = outputs.has(x) ? rowMajor(program, own) : null;
      if (read) results.set(x, read);
      if (read !== own) hold(own, -1);
    }
  }
  return results;
}

/** Memory for an array that is fed: as the host has it, and as kernels like it. */
function place(
  program: Program,
  { dims, stored, all, counted }: Form,
): { flat: Tensor; fed: Tensor } {
  const flat = program.allocate(stored, [...stored.keys()]);
  const fed = { ...flat, shape: dims, all, counted };
  if (dims.length < 3 || count(stored) === stored[stored.length - 1]) return { flat, fed };
  return { flat, fed: { ...copied(program, flat, usualOrder(stored)), shape: dims } };
}

/** The entries one after the other, as the host reads them. */
function rowMajor(program: Program, x: Tensor): Tensor {
  const rows = [...x.shape.keys()];
  const { strides } = layout(x.shape, rows, false);
  return strides.every((stride, i) => stride === x.strides[i]) ? x : copied(program, x, rows);
}

function constant({ op, shape }: Value, constants: Constants): Tensor {
  if (op.kind !== 'constant') throw new Error(`'${op.kind}' is not stored`);
  const storage = { address: constants.array(op.data), bytes: 0 };
  return packed(storage, shape as number[], [...shape.keys()]);
}

/** Sizes of the axes named in the inputs. */
function sizesOf(order: readonly Step[], forms: ReadonlyMap<string, Form>): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { value } of order) {
    const { op, shape } = value;
    if (op.kind !== 'input') continue;
    const { dims } = forms.get(op.name)!;
    shape.forEach((dim, axis) => {
      if (typeof dim === 'string' && /^\w+$/.test(dim)) sizes.set(dim, dims[axis]);
    });
  }
  return sizes;
}

/** A size from its name: `pos`, `pos+1`, `batch*pos`. */
function sizeOfDim(dim: number | string, sizes: ReadonlyMap<string, number>): number {
  if (typeof dim === 'number') return dim;
  const one = (name: string) => {
    const size = /^\d+$/.test(name) ? Number(name) : sizes.get(name);
    if (size === undefined) throw new Error(`the size of axis '${dim}' is not known`);
    return size;
  };
  const products = dim.split('+').map((term) => term.split('*').map(one));
  return products.reduce((sum, factors) => sum + count(factors), 0);
}

/** Values that no other reads after each value. */
function lastUses(order: readonly Step[]): Map<Value, Value[]> {
  const last = new Map<Value, Value>();
  for (const { value, inputs } of order) {
    last.set(value, value);
    for (const x of inputs) if (last.has(x)) last.set(x, value);
  }
  const after = new Map<Value, Value[]>();
  for (const [x, user] of last) {
    after.set(user, [...(after.get(user) ?? []), x]);
  }
  return after;
}
