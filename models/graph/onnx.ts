/** A graph as an ONNX model (opset 20) that ONNX Runtime loads from memory. */
import {
  showShape,
  topologicalOrder,
  type Dim,
  type Op,
  type OpKind,
  type Shape,
  type Value,
} from './ir';
import { AttributeType, ElementType, encodeModel, type Initializer } from './proto';
import { staticSize } from './shapes';
import { denseOf } from './sparse';

type Attribute = { name: string; type: number } & Record<string, unknown>;
const intAttribute = (name: string, i: number): Attribute => ({ name, i, type: AttributeType.int });
const intsAttribute = (name: string, ints: readonly number[]): Attribute => ({
  name,
  ints,
  type: AttributeType.ints,
});

/** Collects the ONNX nodes and initialisers of one model. */
class Emitter {
  readonly nodes: object[] = [];
  readonly initializers: Initializer[] = [];
  private readonly names = new Map<Value, string>();
  private readonly sizes = new Map<string, string>();
  private fresh = 0;

  /** @param inputs of the graph, which say the sizes that only the run knows */
  constructor(private readonly inputs: readonly Value[]) {}

  /** A name that no input or output has. */
  newName(): string {
    return `%${this.fresh++}`;
  }

  nameOf(value: Value): string {
    const name = this.names.get(value);
    if (name === undefined) throw new Error(`onnx: ${value.op.kind} used before it was emitted`);
    return name;
  }

  setName(value: Value, name: string): void {
    this.names.set(value, name);
  }

  /** Adds an ONNX node with one output and returns the output's name. */
  node(opType: string, inputs: readonly string[], attributes: Attribute[] = [], name?: string) {
    const output = name ?? this.newName();
    this.nodes.push({
      opType,
      input: inputs,
      output: [output],
      name: output,
      attribute: attributes,
    });
    return output;
  }

  /** Adds an initialiser and returns its name. */
  initializer(data: Initializer['data'], dims: readonly number[]): string {
    const name = this.newName();
    this.initializers.push({ name, dims, data });
    return name;
  }

  /** An int64 vector, which ONNX wants for shapes and axes. */
  ints(values: readonly number[]): string {
    return this.initializer(BigInt64Array.from(values, BigInt), [values.length]);
  }

  /**
   * Name of an int64 vector of one entry: a size that only the run knows, read off an input that has
   * it. Null when none does.
   */
  size(name: string): string | null {
    const known = this.sizes.get(name);
    if (known !== undefined) return known;
    const input = this.inputs.find(({ shape }) => shape.includes(name));
    if (input?.op.kind !== 'input') return null;
    const axis = this.ints([input.shape.indexOf(name)]);
    const size = this.node('Gather', [this.node('Shape', [input.op.name]), axis]);
    this.sizes.set(name, size);
    return size;
  }

  /** Zeros, made when the model runs: stored, they would swell it. */
  zeros(shape: readonly number[]): string {
    return this.node('Expand', [this.initializer(Float32Array.of(0), []), this.ints(shape)]);
  }
}

/** Sizes that an ONNX operation wants in advance. */
function fixedShape(kind: OpKind, shape: Shape): number[] {
  const fixed = shape.filter((dim) => typeof dim === 'number');
  if (fixed.length === shape.length) return fixed;
  throw new Error(`${kind}: cannot emit ${showShape(shape)}, with sizes known only at run time`);
}

/**
 * Target of a Reshape: 0 copies the size at the same place, -1 is inferred; where that is not enough,
 * sizes are read off the graph's inputs.
 */
function reshapeTarget(emitter: Emitter, from: Shape, to: Shape): string {
  const moved = (dim: Dim, i: number) => typeof dim === 'string' && dim !== from[i];
  const target = to.map((dim, i) => (typeof dim === 'number' ? dim : moved(dim, i) ? -1 : 0));
  const inferred = to.findIndex(moved);
  if (to.filter(moved).length <= 1) return emitter.ints(target);
  const parts = to.map((dim, i) => {
    if (!moved(dim, i) || i === inferred) return emitter.ints([target[i]]);
    const size = emitter.size(String(dim));
    if (size !== null) return size;
    throw new Error(
      'reshape: more than one size that only the run knows moves to another axis, and no input has it',
    );
  });
  return emitter.node('Concat', parts, [intAttribute('axis', 0)]);
}

type EmitRule<K extends OpKind> = (
  emitter: Emitter,
  value: Value & { op: Extract<Op, { kind: K }> },
  inputs: readonly string[],
) => string;

const direct =
  (opType: string, attributes: Attribute[] = []) =>
  (emitter: Emitter, _: Value, inputs: readonly string[]) =>
    emitter.node(opType, inputs, attributes);

/**
 * Where, which ONNX Runtime makes of three passes over the result. To put -infinity where a smaller
 * condition does not hold, as attention does, one is enough: the lesser of the number and ±infinity.
 */
function emitWhere(emitter: Emitter, value: Value, [condition, yes, no]: readonly string[]) {
  const [test, , other] = value.inputs;
  const masks =
    other.op.kind === 'constant' && denseOf(other.op.data).every((x) => x === -Infinity);
  if (!masks || test.shape.length >= value.shape.length) {
    return emitter.node('Where', [condition, yes, no]);
  }
  const infinity = emitter.initializer(Float32Array.of(Infinity), []);
  return emitter.node('Min', [yes, emitter.node('Where', [condition, infinity, no])]);
}

const emitRules: { readonly [K in OpKind]: EmitRule<K> } = {
  input: (_, { op }) => op.name,
  constant: (emitter, { op, shape }) => emitter.initializer(op.data, shape as number[]),
  add: direct('Add'),
  sub: direct('Sub'),
  mul: direct('Mul'),
  div: direct('Div'),
  neg: direct('Neg'),
  exp: direct('Exp'),
  log: direct('Log'),
  sqrt: direct('Sqrt'),
  erf: direct('Erf'),
  gelu: direct('Gelu'),
  greaterEqual: direct('GreaterOrEqual'),
  where: emitWhere,
  matmul: direct('MatMul'),
  transpose: (e, { op }, x) => e.node('Transpose', x, [intsAttribute('perm', op.perm)]),
  reshape: (e, { op, inputs: [from] }, [x]) =>
    e.node('Reshape', [x, reshapeTarget(e, from.shape, op.shape)]),
  expandLike: (e, { shape }, [x, like]) => {
    const fixed = staticSize(shape) !== null;
    return e.node('Expand', [x, fixed ? e.ints(shape as number[]) : e.node('Shape', [like])]);
  },
  reduceSum: (e, { op }, [x]) =>
    op.axes.length === 0 ? x : e.node('ReduceSum', [x, e.ints(op.axes)]),
  softmax: direct('Softmax', [intAttribute('axis', -1)]),
  logSoftmax: direct('LogSoftmax', [intAttribute('axis', -1)]),
  topKMask: (e, { op }, [x]) => {
    const magnitude = e.node('Abs', [x]);
    const largest = e.newName();
    e.nodes.push({
      opType: 'TopK',
      name: largest,
      input: [magnitude, e.ints([op.k])],
      output: [largest, e.newName()],
      attribute: [intAttribute('axis', -1), intAttribute('sorted', 0)],
    });
    const threshold = e.node('ReduceMin', [largest, e.ints([-1])]);
    return e.node('GreaterOrEqual', [magnitude, threshold]);
  },
  concat: (e, { op }, parts) => e.node('Concat', parts, [intAttribute('axis', op.axis)]),
  slice: (e, { op }, [x]) =>
    e.node('Slice', [x, e.ints([op.start]), e.ints([op.end]), e.ints([op.axis])]),
  gather: (e, { op }, inputs) => e.node('Gather', inputs, [intAttribute('axis', op.axis)]),
  scatterAdd: (e, { op, inputs: [, updates] }, [ids, x]) => {
    const [count, width] = fixedShape('scatterAdd', updates.shape);
    const column = e.node('Reshape', [ids, e.ints([count, 1])]);
    const index = e.node('Expand', [column, e.ints([count, width])]);
    const zeros = e.zeros([op.rows, width]);
    const reduction = { name: 'reduction', s: Buffer.from('add'), type: AttributeType.string };
    return e.node('ScatterElements', [zeros, index, x], [intAttribute('axis', 0), reduction]);
  },
  pick: (e, _, [x, ids]) => {
    const column = e.node('Unsqueeze', [ids, e.ints([-1])]);
    return e.node('GatherElements', [x, column], [intAttribute('axis', -1)]);
  },
  place: (e, { shape }, [x, ids]) => {
    const column = e.node('Unsqueeze', [ids, e.ints([-1])]);
    const zeros = e.zeros(fixedShape('place', shape));
    return e.node('ScatterElements', [zeros, column, x], [intAttribute('axis', -1)]);
  },
};

function emitValue(emitter: Emitter, value: Value): void {
  const rule = emitRules[value.op.kind] as EmitRule<OpKind>;
  emitter.setName(
    value,
    rule(
      emitter,
      value,
      value.inputs.map((x) => emitter.nameOf(x)),
    ),
  );
}

function valueInfo(name: string, value: Value): object {
  const dim = value.shape.map((d: Dim) =>
    typeof d === 'number' ? { dimValue: d } : { dimParam: d.replace('?', '_or_1') },
  );
  return { name, type: { tensorType: { elemType: ElementType[value.dtype], shape: { dim } } } };
}

/** Bytes of the ONNX model that computes the named outputs; its inputs are the graph's inputs. */
export function emitOnnx(outputs: Readonly<Record<string, Value>>): Uint8Array {
  const order = topologicalOrder(Object.values(outputs));
  const inputs = order.filter((value) => value.op.kind === 'input');
  const emitter = new Emitter(inputs);
  for (const value of order) emitValue(emitter, value);
  for (const [name, value] of Object.entries(outputs)) {
    emitter.node('Identity', [emitter.nameOf(value)], [], name);
  }
  const model = {
    irVersion: 10,
    producerName: 'circuitscope',
    opsetImport: [{ domain: '', version: 20 }],
  };
  const graph = {
    name: 'circuitscope',
    node: emitter.nodes,
    input: inputs.map((value) => valueInfo(emitter.nameOf(value), value)),
    output: Object.entries(outputs).map(([name, value]) => valueInfo(name, value)),
  };
  return encodeModel(model, graph, emitter.initializers);
}
