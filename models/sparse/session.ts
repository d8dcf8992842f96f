/** A graph made ready to run on the engine. */
import type { Value } from '../graph/ir';
import type { NumberArray, NumberArrays } from '../graph/numbers';
import type { Machine } from './machine';
import type { SparseMatrix } from './constants';
import { plan, ZERO, type Constants, type Form, type Plan } from './plan';
import { stepsTo, type Step } from './steps';

/** Plans kept: runs of some forms follow each other often. */
const MOST_PLANS = 64;

export class SparseSession {
  private readonly orders = new Map<string, readonly Step[]>();
  /** Least recently used first. */
  private readonly plans = new Map<string, Plan>();
  private readonly constants: Constants;

  constructor(
    private readonly machine: Machine,
    private readonly outputs: Readonly<Record<string, Value>>,
  ) {
    this.constants = {
      get free() {
        return machine.free;
      },
      array: (data) => machine.array(data),
      matrix: (value) => this.matrix(value),
    };
    machine.array(ZERO);
    // Constants go in before any run, whose memory lies behind them.
    for (const { value } of this.order(Object.keys(outputs))) {
      const { op } = value;
      if (op.kind === 'constant') machine.array(op.data);
    }
  }

  /** What is computed for some outputs; what only a sparse product reads of a constant is left out. */
  private order(names: readonly string[]): readonly Step[] {
    const key = names.join();
    const known = this.orders.get(key);
    if (known) return known;
    const order = stepsTo(
      names.map((name) => this.outputs[name]),
      (x) => this.matrix(x) !== null,
    );
    this.orders.set(key, order);
    return order;
  }

  /** The nonzeros of a fixed matrix, or of one that is the transpose of it. */
  private matrix(value: Value): SparseMatrix | null {
    const { op } = value;
    const flips = op.kind === 'transpose' && op.perm[0] === 1;
    const source = flips ? value.inputs[0] : value;
    if (source.op.kind !== 'constant' || source.op.data instanceof Int32Array) return null;
    if (value.shape.length !== 2) return null;
    const [rows, columns] = value.shape as readonly number[];
    return this.machine.matrix(source.op.data, rows, columns, flips);
  }

  /**
   * Runs the graph, which holds the thread's event loop until it is done.
   * @returns the outputs by name, where they lie in the engine's memory: the next run writes over them
   */
  run(feeds: NumberArrays, names: readonly string[]): Record<string, NumberArray> {
    const { machine } = this;
    const found = this.planned(feeds, names);
    machine.ensure(found.end);
    machine.ints(found.address, found.words.length).set(found.words);
    for (const { name, address, size } of found.inputs) {
      const { data } = feeds[name];
      const own = data.length === size ? data : data.subarray(0, size);
      if (own instanceof Float32Array) machine.floats(address, size).set(own);
      else machine.ints(address, size).set(own);
    }
    machine.execute(found.address, found.commands);
    return Object.fromEntries(
      found.results.map(({ name, address, size, shape }) => {
        const { dtype } = this.outputs[name];
        const data =
          dtype === 'float32' ? machine.floats(address, size) : machine.ints(address, size);
        if (dtype === 'bool') data.forEach((x, i) => (data[i] = x ? 1 : 0));
        return [name, { data, dims: shape }];
      }),
    );
  }

  private planned(feeds: NumberArrays, names: readonly string[]): Plan {
    const order = this.order(names);
    const forms = new Map<string, Form>();
    for (const { value } of order) {
      const { op } = value;
      if (op.kind !== 'input') continue;
      const fed = feeds[op.name];
      if (!fed) throw new Error(`nothing is fed for '${op.name}'`);
      forms.set(op.name, formOf(fed));
    }
    const key = [this.machine.free, names.join(), ...[...forms.values()].map(keyOf)].join(';');
    const { constants } = this;
    const outputs = new Map(names.map((name) => [name, this.outputs[name]]));
    const found =
      this.plans.get(key) ??
      plan({ order, outputs, forms, constants, threads: this.machine.threads });
    this.plans.delete(key);
    this.plans.set(key, found);
    if (this.plans.size > MOST_PLANS) this.plans.delete(this.plans.keys().next().value!);
    return found;
  }
}

function formOf({ data, dims }: NumberArray): Form {
  const all = neutralOf(data);
  const uniform = all !== null && data instanceof Float32Array;
  const alike = dims.length > 1 && !uniform && alikeRows(data, dims[0]);
  const stored = dims.map((size, axis) => (uniform || (alike && axis === 0) ? 1 : size));
  return { dims, stored, all, counted: firstCounted(data, dims) };
}

const keyOf = ({ dims, stored, all, counted }: Form) =>
  `${dims.join('x')},${stored.join('x')},${all},${counted}`;

/** Whether all rows of an array hold the same. */
function alikeRows(data: Float32Array | Int32Array, rows: number): boolean {
  const width = data.length / rows;
  for (let i = width; i < data.length; i++) if (data[i] !== data[i - width]) return false;
  return true;
}

/** Zero or one when all entries are. */
function neutralOf(data: Float32Array | Int32Array): 0 | 1 | null {
  const first = data[0];
  if (first !== 0 && first !== 1) return null;
  for (let i = 1; i < data.length; i++) if (data[i] !== first) return null;
  return first;
}

/** The first of integers that count up one by one; null when they do not. */
function firstCounted(data: Float32Array | Int32Array, dims: readonly number[]): number | null {
  if (dims.length !== 1 || data instanceof Float32Array) return null;
  return data.every((x, i) => x === data[0] + i) ? data[0] : null;
}
