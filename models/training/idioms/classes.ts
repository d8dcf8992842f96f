/** Classes with attributes, methods and heirs. */

import type { Block, Func, Param, Var, VarType } from './block';
import { between, common, times } from './choose';
import { callOf, fStringOf, valueOf } from './expressions';
import { docstring, functionContent, makeParams, paramText } from './functions';
import { numeral } from './literals';
import { attributeName, camel, className, functionName } from './names';
import { wordString } from './text';
import { adjectives } from './words';

/** A class that later code may use or inherit from. */
export interface Class {
  name: string;
  init: Func;
  /** Attributes as seen inside: `self.width`. */
  attributes: readonly Var[];
  methods: readonly Func[];
}

const emptyValues: readonly [string, VarType][] = [
  ['[]', 'ints'],
  ['set()', 'set'],
  ['""', 'str'],
  ['0', 'int'],
  ['{}', 'dict'],
  ['False', 'bool'],
  ['None', 'any'],
];

/** `self.x = x` for every parameter, in their order or not, then attributes that start empty. */
function initialise(body: Block, params: readonly Param[]): Var[] {
  const { rng } = body;
  const attributes: Var[] = [];
  for (const { name, type } of rng.chance(0.3) ? params : rng.shuffle(params)) {
    body.line(`self.${name} = ${name}`);
    attributes.push({ name: `self.${name}`, type });
  }
  const more = params.length === 0 ? between(rng, 1, 3) : rng.pick([0, 0, 0, 1, 1, 2]);
  for (const attribute of times(more, () => body.wideName() ?? attributeName(rng))) {
    const name = `self.${attribute}`;
    if (attributes.some((known) => known.name === name)) continue;
    const [value, type] = rng.pick(emptyValues);
    const grows = type !== 'bool' && type !== 'any';
    body.line(`${name} = ${type === 'int' && rng.chance(0.5) ? numeral(rng) : value}`);
    attributes.push({ name, type, grows });
  }
  return attributes;
}

function defineInit(c: Block, parent: Class | undefined): { init: Func; attributes: Var[] } {
  const own = makeParams(c, c.rng.pick(parent ? [0, 1, 1, 2] : [1, 2, 3, 3, 4, 4, 5]));
  const inherited = parent ? parent.init.params.filter((p) => p.default === undefined) : [];
  const fresh = own.filter((p) => !inherited.some((q) => q.name === p.name));
  const params = [...inherited, ...fresh];
  const init: Func = { name: '__init__', params, returns: null };
  const header = `def __init__(${paramText([{ name: 'self', type: 'any' }, ...params])}):`;
  const vars = params.map(({ name, type }) => ({ name, type }));
  const body = c.functionBody(header, vars, null);
  if (parent) body.line(`super().__init__(${inherited.map((p) => p.name).join(', ')})`);
  const set = initialise(body, fresh);
  return { init, attributes: [...(parent?.attributes ?? []), ...set] };
}

/** Attributes as a method sees them: its own copies, since the types may become clearer there. */
const copies = (vars: readonly Var[]): Var[] => vars.map((v) => ({ ...v }));

function defineMethod(c: Block, attributes: readonly Var[], known: readonly Func[]): Func {
  const { rng } = c;
  let name = functionName(rng);
  while (known.some((m) => m.name === name)) name = functionName(rng);
  const returns = name.startsWith('is_')
    ? 'bool'
    : rng.pick<VarType | null>([null, null, 'int', 'str', 'bool', 'bool']);
  const params = makeParams(c, rng.pick([0, 1, 2, 2, 3]));
  const header = `def ${name}(${paramText([{ name: 'self', type: 'any' }, ...params])}):`;
  const vars = [...copies(attributes), ...params.map((p) => ({ name: p.name, type: p.type }))];
  const body = c.functionBody(header, vars, returns);
  if (params.length === 1 && returns === null && rng.chance(0.4)) {
    body.line(`self.${params[0].name} = ${params[0].name}`);
  } else if (params.length === 0 && returns !== null && attributes.length > 0 && rng.chance(0.3)) {
    body.line(`return ${valueOf(body, returns)}`);
  } else {
    functionContent(body, params, between(rng, 1, 2));
  }
  return { name, params, returns };
}

function defineStr(c: Block, attributes: readonly Var[]): void {
  const name = c.rng.pick(['__str__', '__repr__']);
  const body = c.functionBody(`def ${name}(self):`, copies(attributes), 'str');
  body.line(`return ${fStringOf(body) ?? wordString(c.rng)}`);
}

/** A whole class, of its own or an heir of another. */
export function defineClass(b: Block, parent?: Class): Class {
  const { rng } = b;
  let name = className(rng);
  while (name === parent?.name) name = camel(`${common(rng, adjectives)}_${name}`);
  const c = b.nested(parent ? `class ${name}(${parent.name}):` : `class ${name}:`);
  docstring(c, 0.06);
  if (c.lines.at(-1)?.endsWith('"""')) c.blank();
  const { init, attributes } = defineInit(c, parent);
  const methods: Func[] = [];
  for (let count = rng.pick([0, 1, 1, 1, 2]); count > 0; count--) {
    c.blank();
    methods.push(defineMethod(c, attributes, methods));
  }
  if (rng.chance(0.08)) {
    c.blank();
    defineStr(c, attributes);
  }
  return { name, init, attributes, methods: [...(parent?.methods ?? []), ...methods] };
}

/** Makes an object and works with it: attributes, methods, prints. */
export function useClass(b: Block, known: Class): void {
  const { rng } = b;
  const plain = known.name.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase();
  const object = b.knows(plain) || rng.chance(0.4) ? b.fresh('any') : plain;
  b.line(`${object} = ${callOf(b, known.init, known.name)}`);
  for (const { name, type } of known.attributes) {
    b.bind(name.replace('self', object), type);
  }
  for (let count = between(rng, 1, 3); count > 0; count--) {
    const method = known.methods.length > 0 ? rng.pick(known.methods) : undefined;
    if (!method || rng.chance(0.3)) {
      b.line(`print(${fStringOf(b) ?? object})`);
    } else {
      const text = callOf(b, method, `${object}.${method.name}`);
      if (method.returns && rng.chance(0.5)) b.line(`print(${text})`);
      else if (method.returns) b.assign(method.returns, text);
      else b.line(text);
    }
  }
}
