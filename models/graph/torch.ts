/**
 * A graph as PyTorch: one readable Python function of the graph's inputs. Gradients are left to
 * PyTorch's own. `rules` has an entry for every operation, so a new one without a rule does not compile.
 */
import { isDeepStrictEqual } from 'node:util';
import { showShape, topologicalOrder, type DType, type Op, type OpKind, type Value } from './ir';
import { denseOf } from './sparse';

/** One function to be printed. */
export interface TorchFunction {
  readonly name: string;
  /** What it computes, in a sentence. */
  readonly purpose: string;
  /** What it returns, in this order. */
  readonly outputs: readonly Value[];
  /** Names of the arguments in order, used or not; other inputs of the graph follow. */
  readonly inputs?: readonly string[];
  /** Names for values that a reader should find. */
  readonly labels?: ReadonlyMap<Value, string>;
}

/** A Python name for any text. */
function pythonName(text: string): string {
  const name = text.replace(/\W/g, '_');
  return /^[A-Za-z_]/.test(name) ? name : `_${name}`;
}

/** Longest expression that stands within another. */
const LONGEST_INLINE = 48;

/** Text of a value: as it is for an argument, in parentheses, where it needs them, as an operand. */
class Expression {
  constructor(
    readonly text: string,
    /** Binds as tightly as a name does. */
    private readonly isAtom: boolean,
  ) {}

  toString(): string {
    return this.isAtom ? this.text : `(${this.text})`;
  }
}
const atom = (text: string) => new Expression(text, true);
const loose = (text: string) => new Expression(text, false);

type Rule<K extends OpKind> = (
  value: Value & { op: Extract<Op, { kind: K }> },
  inputs: readonly Expression[],
  emitter: Emitter,
) => Expression;

const infix =
  (operator: string) =>
  (_: Value, [a, b]: readonly Expression[]) =>
    loose(`${a} ${operator} ${b}`);
const method =
  (name: string) =>
  (value: Value, [x]: readonly Expression[], emitter: Emitter) =>
    atom(`${emitter.asTensor(value.inputs[0], x)}.${name}`);
const list = (parts: readonly Expression[]) => parts.map((part) => part.text).join(', ');
/** A tuple of whole numbers. */
const tuple = (sizes: readonly number[]) => `(${sizes.join(', ')}${sizes.length === 1 ? ',' : ''})`;

const rules: { readonly [K in OpKind]: Rule<K> } = {
  input: ({ op }) => atom(pythonName(op.name)),
  constant: (value, _, emitter) => emitter.constant(value),
  add: infix('+'),
  sub: infix('-'),
  mul: infix('*'),
  div: infix('/'),
  neg: (_, [x]) => loose(`-${x}`),
  exp: method('exp()'),
  log: method('log()'),
  sqrt: method('sqrt()'),
  erf: method('erf()'),
  gelu: ({ inputs: [from] }, [x], emitter) => atom(`F.gelu(${emitter.asTensor(from, x).text})`),
  greaterEqual: infix('>='),
  where: ({ inputs: [, yes, no], shape }, [condition, a, b]) => {
    // A number that takes the place of some: one pass less than a choice between two arrays.
    if (isNumber(no) && isDeepStrictEqual(yes.shape, shape)) {
      return atom(`${a}.masked_fill(~${condition}, ${b.text})`);
    }
    if (!isNumber(yes)) return atom(`torch.where(${list([condition, a, b])})`);
    if (!isNumber(no)) return atom(`torch.where(~${condition}, ${list([b, a])})`);
    const all = `torch.full_like(${list([condition, b])}, dtype=torch.float32)`;
    return atom(`${all}.masked_fill(${list([condition, a])})`);
  },
  matmul: infix('@'),
  transpose: ({ op: { perm } }, [x]) => {
    const n = perm.length;
    const swapped = perm.every((axis, i) => axis === (i < n - 2 ? i : 2 * n - 3 - i));
    return atom(swapped ? `${x}.transpose(-1, -2)` : `${x}.permute(${perm.join(', ')})`);
  },
  reshape: ({ op, inputs: [from] }, [x]) => {
    const open = op.shape.filter((dim) => typeof dim === 'string').length;
    const sizes = op.shape.map((dim, i) => {
      if (typeof dim === 'number') return dim;
      return open > 1 && dim === from.shape[i] ? `${x}.shape[${i}]` : -1;
    });
    if (sizes.filter((size) => size === -1).length > 1) {
      throw new Error('reshape: more than one size that only the run knows moves to another axis');
    }
    return atom(`${x}.reshape(${sizes.length === 0 ? '()' : sizes.join(', ')})`);
  },
  expandLike: ({ inputs: [from] }, [x, like], emitter) =>
    atom(`${emitter.asTensor(from, x)}.expand_as(${like.text})`),
  reduceSum: ({ op }, [x]) =>
    op.axes.length === 0 ? x : atom(`${x}.sum(${tuple(op.axes)}, keepdim=True)`),
  softmax: method('softmax(-1)'),
  logSoftmax: method('log_softmax(-1)'),
  topKMask: ({ op }, [x]) => atom(`largest(${x.text}, ${op.k})`),
  concat: ({ op }, parts) =>
    atom(`torch.cat((${list(parts)}${parts.length === 1 ? ',' : ''}), ${op.axis})`),
  slice: ({ op, shape }, [x]) => {
    const after = op.axis < shape.length - 1 ? ', ...' : '';
    return atom(`${x}[${':, '.repeat(op.axis)}${op.start}:${op.end}${after}]`);
  },
  gather: ({ op: { axis }, inputs: [from, ids] }, [x, at]) => {
    if (axis === 0 && from.shape.length === 2 && from.dtype === 'float32') {
      return atom(`F.embedding(${list([at, x])})`);
    }
    if (ids.shape.length === 1) return atom(`${x}.index_select(${axis}, ${at.text})`);
    const sizes = `${x}.shape[:${axis}] + ${at}.shape + ${x}.shape[${axis + 1}:]`;
    return atom(`${x}.index_select(${axis}, ${at}.reshape(-1)).reshape(${sizes})`);
  },
  scatterAdd: ({ op }, [ids, updates]) => {
    const zeros = `${updates}.new_zeros(${op.rows}, ${updates}.shape[1])`;
    return atom(`${zeros}.index_add(0, ${list([ids, updates])})`);
  },
  pick: (_, [x, ids]) => atom(`${x}.gather(-1, ${ids}.long().unsqueeze(-1))`),
  place: ({ op }, [x, ids]) => {
    const zeros = `${x}.new_zeros(${ids}.shape + (${op.depth},))`;
    return atom(`${zeros}.scatter(-1, ${ids}.long().unsqueeze(-1), ${x.text})`);
  },
};

/** Printed as a plain number, which has no methods. */
function isNumber({ op, shape, inputs }: Value): boolean {
  if (op.kind === 'constant') return shape.length === 0 && op.data instanceof Float32Array;
  return ['add', 'sub', 'mul', 'div', 'neg'].includes(op.kind) && inputs.every(isNumber);
}
/** A float32 number as Python writes it, in as few digits as tell it from others. */
function literal(x: number): string {
  if (!Number.isFinite(x)) return `float("${Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf'}")`;
  if (Number.isInteger(x) && Math.abs(x) < 1e15) return Object.is(x, -0) ? '-0.0' : x.toFixed(1);
  const digits = [1, 2, 3, 4, 5, 6, 7, 8].find((n) => Math.fround(Number(x.toPrecision(n))) === x);
  return String(digits === undefined ? x : Number(x.toPrecision(digits)));
}

const TORCH_TYPE: Record<DType, string> = {
  float32: 'torch.float32',
  int32: 'torch.int32',
  bool: 'torch.bool',
};

/** Several operations that are printed as one, of these values. */
interface Fused {
  readonly parts: readonly Value[];
  readonly print: (parts: readonly Expression[]) => Expression;
}

/** An operation that nobody else reads, and that is printed under no name; null for any other. */
type Inner = (value: Value, kind: OpKind) => readonly Value[] | null;

/** The operations below a value that PyTorch does better as one; null where there are none. */
function fused(value: Value, inner: Inner): Fused | null {
  switch (value.op.kind) {
    case 'matmul':
      return attention(value, inner);
    case 'add':
      return affine(value, inner);
    case 'div': {
      const [x, root] = value.inputs;
      const radicand = inner(root, 'sqrt');
      if (!radicand || isNumber(radicand[0])) return null;
      return { parts: [x, radicand[0]], print: ([y, r]) => loose(`${y} * ${r}.rsqrt()`) };
    }
    default:
      return null;
  }
}

/** softmax(q · kᵀ where visible) · v. */
function attention({ shape, inputs: [weights, v] }: Value, inner: Inner): Fused | null {
  const scores = inner(weights, 'softmax');
  const [visible, product, never] = (scores && inner(scores[0], 'where')) ?? [];
  const hides =
    never?.op.kind === 'constant' && denseOf(never.op.data).every((x) => x === -Infinity);
  if (!hides || shape.length !== 4 || visible.shape.length !== 2) return null;
  const [q, turned] = inner(product, 'matmul') ?? [];
  if (turned?.op.kind !== 'transpose' || String(turned.op.perm) !== '0,1,3,2') return null;
  const [k] = inner(turned, 'transpose') ?? [];
  const alike = [k, v].every(
    (x) => x && String(x.shape.slice(0, 2)) === String(q.shape.slice(0, 2)),
  );
  if (!alike) return null;
  return { parts: [q, k, v, visible], print: (parts) => atom(`attend(${list(parts)})`) };
}

/** x · weight + bias, of a matrix and a bias of its outputs. */
function affine({ inputs: [product, bias] }: Value, inner: Inner): Fused | null {
  const [x, weight] = inner(product, 'matmul') ?? [];
  if (weight?.shape.length !== 2 || bias.shape.length !== 1) return null;
  if (bias.shape[0] !== weight.shape[1]) return null;
  return { parts: [x, weight, bias], print: (parts) => atom(`affine(${list(parts)})`) };
}

/** Collects the statements of one function. */
class Emitter {
  readonly statements: string[] = [];
  usesDevice = false;
  private readonly expressions = new Map<Value, Expression>();
  /** How often each value is used, as the graph has it and as it is printed. */
  private readonly uses: ReadonlyMap<Value, number>;
  private readonly printed: ReadonlyMap<Value, number>;
  private readonly taken: Set<string>;
  private fresh = 0;

  constructor(
    order: readonly Value[],
    outputs: readonly Value[],
    private readonly labels: ReadonlyMap<Value, string>,
    argumentNames: readonly string[],
  ) {
    this.taken = new Set([...argumentNames, 'device']);
    this.uses = countUses(order, outputs, (value) => value.inputs);
    this.printed = countUses(order, outputs, (value) => this.fused(value)?.parts ?? value.inputs);
    for (const value of order) if (this.printed.has(value)) this.add(value);
  }

  read(value: Value): Expression {
    const expression = this.expressions.get(value);
    if (!expression) throw new Error(`torch: ${value.op.kind} used before it was emitted`);
    return expression;
  }

  private add(value: Value): void {
    const one = this.fused(value);
    const inputs = (one?.parts ?? value.inputs).map((x) => this.read(x));
    const rule = rules[value.op.kind] as Rule<OpKind>;
    const expression = one ? one.print(inputs) : rule(value, inputs, this);
    const label = this.labels.get(value);
    const short = expression.text.length <= LONGEST_INLINE && this.printed.get(value) === 1;
    if (value.op.kind === 'input' || isNumber(value) || (short && label === undefined)) {
      this.expressions.set(value, expression);
      return;
    }
    const name = this.newName(label);
    this.statements.push(`${name} = ${expression.text}  # ${showShape(value.shape)}`);
    this.expressions.set(value, atom(name));
  }

  /** A number, which has no methods, as an array. */
  asTensor(value: Value, x: Expression): Expression {
    if (!isNumber(value)) return x;
    this.usesDevice = true;
    return atom(`torch.full((), ${x.text}, device=device)`);
  }

  private newName(label: string | undefined): string {
    let name = label === undefined ? `x${this.fresh++}` : pythonName(label);
    while (this.taken.has(name)) name = label === undefined ? `x${this.fresh++}` : `${name}_`;
    this.taken.add(name);
    return name;
  }

  /** Fixed numbers; those that count up evenly are made when the function runs. */
  constant({ op, shape, dtype }: Value): Expression {
    const data = denseOf((op as Extract<Op, { kind: 'constant' }>).data);
    const number = (x: number) => (dtype === 'int32' ? String(x) : literal(x));
    if (shape.length === 0 && dtype === 'float32') {
      return data[0] < 0 ? loose(number(data[0])) : atom(number(data[0]));
    }
    this.usesDevice = true;
    const type = `dtype=${TORCH_TYPE[dtype]}, device=device`;
    const sizes = tuple(shape as number[]);
    const shaped = (text: string) => atom(shape.length === 1 ? text : `${text}.reshape(${sizes})`);
    if (data.length > 0 && data.every((x) => Object.is(x, data[0]))) {
      return atom(`torch.full(${sizes}, ${number(data[0])}, ${type})`);
    }
    const step = data.length > 2 ? data[1] : NaN;
    if (data.every((x, i) => Object.is(x, Math.fround(i * step)))) {
      const range = `torch.arange(${data.length}, ${type})`;
      return shaped(step === 1 ? range : `(${range} * ${number(step)})`);
    }
    return shaped(`torch.tensor([${Array.from(data, number).join(', ')}], ${type})`);
  }

  private fused(value: Value): Fused | null {
    return fused(value, (x, kind) =>
      x.op.kind === kind && this.uses.get(x) === 1 && !this.labels.has(x) ? x.inputs : null,
    );
  }
}

/** How often each value is used by the outputs and by what they need. */
function countUses(
  order: readonly Value[],
  outputs: readonly Value[],
  inputsOf: (value: Value) => readonly Value[],
): Map<Value, number> {
  const uses = new Map<Value, number>();
  const use = (value: Value) => uses.set(value, (uses.get(value) ?? 0) + 1);
  outputs.forEach(use);
  for (const value of order.toReversed()) if (uses.has(value)) inputsOf(value).forEach(use);
  return uses;
}

/**
 * Source of a Python function of the graph below the outputs, without the prelude. Sizes known only
 * at run time are taken from the arguments, which may be on any device.
 */
export function emitTorch({ name, purpose, outputs, inputs = [], labels }: TorchFunction): string {
  const order = topologicalOrder(outputs);
  const shapes = new Map(
    order.flatMap(({ op, shape }) => (op.kind === 'input' ? [[op.name, shape] as const] : [])),
  );
  const names = [...new Set([...inputs, ...shapes.keys()])];
  const parameters = names.map(pythonName);
  const twice = parameters.find((each, i) => parameters.indexOf(each) < i);
  if (twice !== undefined) throw new Error(`torch: two inputs would be called '${twice}'`);
  const emitter = new Emitter(order, outputs, labels ?? new Map<Value, string>(), parameters);
  const result = outputs.map((value) => emitter.asTensor(value, emitter.read(value)));
  const device = parameters.length > 0 ? `${parameters[0]}.device` : '"cpu"';
  const argument = (each: string) => {
    const shape = shapes.get(each);
    return `    ${pythonName(each)},${shape ? `  # ${showShape(shape)}` : ''}`;
  };
  const lines = [
    `"""${purpose}"""`,
    ...(emitter.usesDevice ? [`device = ${device}`] : []),
    ...emitter.statements,
    `return ${list(result)}`,
  ];
  const head = [`def ${name}(`, ...names.map(argument), '):'];
  return [...head, ...lines.map((line) => `    ${line}`)].join('\n') + '\n';
}
