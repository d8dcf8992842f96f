/** Functions with parameters, defaults, bodies and returns. */

import type { Block, Func, Param, VarType } from './block';
import { fill } from './body';
import { between, common, weighted } from './choose';
import { condition, fStringOf, valueOf } from './expressions';
import { literal, numeral } from './literals';
import { attributeName, collectionName, functionName } from './names';
import { quoted, remark, sentence, wordString } from './text';
import { everyday, nouns, shortNames } from './words';

const paramType = weighted<VarType>(
  [5, 'int'],
  [4, 'str'],
  [2, 'ints'],
  [1, 'strs'],
  [1, 'bool'],
  [1, 'dict'],
);

const defaults: Partial<Record<VarType, (b: Block) => string>> = {
  int: (b) => numeral(b.rng),
  str: (b) => wordString(b.rng),
  bool: (b) => b.rng.pick(['True', 'False']),
};

function paramName(b: Block, type: VarType): string {
  const wide = b.wideName();
  if (wide !== undefined) return wide;
  const roll = b.rng.next();
  if (type === 'ints' || type === 'strs') return collectionName(b.rng);
  if (roll < 0.2) return b.rng.pick(shortNames);
  return roll < 0.35 ? `${common(b.rng, nouns)}_${b.rng.pick(everyday)}` : attributeName(b.rng);
}

/** Parameters; once one has a default, all later ones have. A `None` default has type `any`. */
export function makeParams(b: Block, count: number): Param[] {
  const { rng } = b;
  const params: Param[] = [];
  const firstDefault = rng.chance(0.7) ? count : rng.int(Math.max(1, count));
  while (params.length < count) {
    const type = paramType(rng);
    const name = paramName(b, type);
    if (params.some((p) => p.name === name) || b.knows(name)) continue;
    if (params.length < firstDefault) params.push({ name, type });
    else if (rng.chance(0.8)) params.push({ name, type: 'any', default: 'None' });
    else params.push({ name, type, default: defaults[type]?.(b) ?? 'None' });
  }
  return params;
}

/** `a, b=1, c=None`. */
export function paramText(params: readonly Param[]): string {
  return params.map((p) => (p.default ? `${p.name}=${p.default}` : p.name)).join(', ');
}

/** Docstring, some of the time. */
export function docstring(b: Block, chance: number): void {
  if (!b.rng.chance(chance)) return;
  b.line(`"""${remark(b.rng)}${b.rng.chance(0.8) ? '.' : ''}"""`);
}

/** `if c is None:` for some of the parameters without a value. */
function fillIn(b: Block, params: readonly Param[]): void {
  for (const { name } of params.filter((p) => p.default === 'None')) {
    if (!b.rng.chance(0.2)) continue;
    const type = b.rng.pick<VarType>(['ints', 'int', 'str', 'set', 'dict']);
    const inner = b.nested(`if ${name} is None:`);
    const grows = type === 'set' || type === 'ints';
    inner.line(
      `${name} = ${grows && b.rng.chance(0.6) ? (type === 'set' ? 'set()' : '[]') : literal(b, type)}`,
    );
    const known = b.vars.find((v) => v.name === name);
    if (known) Object.assign(known, { type, grows });
  }
}

const returnType = weighted<VarType | null>(
  [4, null],
  [4, 'int'],
  [9, 'bool'],
  [3, 'str'],
  [1, 'ints'],
);

/** The last line of a function that returns something. */
function giveBack(b: Block, type: VarType): void {
  const { rng } = b;
  if (type === 'bool') {
    if (rng.chance(0.35)) {
      b.nested(`if ${condition(b)}:`).line('return True');
      b.line(`return ${rng.chance(0.85) ? 'False' : 'True'}`);
    } else b.line(`return ${rng.chance(0.65) ? literal(b, type) : condition(b)}`);
    return;
  }
  if (type === 'str' && rng.chance(0.5)) return b.line(`return ${fStringOf(b) ?? wordString(rng)}`);
  if (rng.chance(0.15)) {
    return b.line(`return ${literal(b, type)} if ${condition(b)} else ${valueOf(b, type)}`);
  }
  b.line(`return ${valueOf(b, type)}`);
}

/** Body of a function or method from its docstring to its return. */
export function functionContent(body: Block, params: readonly Param[], size: number): void {
  docstring(body, 0.04);
  fillIn(body, params);
  fill(body, size);
  const { returns } = body.place;
  if (returns) giveBack(body, returns);
}

/** A whole function at the block's indentation; later code may call it. */
export function defineFunction(b: Block): Func {
  const { rng } = b;
  const params = makeParams(b, rng.pick([0, 1, 2, 2, 3, 3, 4, 4]));
  const returns = returnType(rng);
  let name = functionName(rng);
  if (name.startsWith('is_') && returns !== 'bool') name = `make_${name.slice(3)}`;
  while (b.knows(name) || params.some((p) => p.name === name)) name = functionName(rng);
  const vars = params.map(({ name: param, type }) => ({ name: param, type }));
  const body = b.functionBody(`def ${name}(${paramText(params)}):`, vars, returns);
  functionContent(body, params, rng.pick([1, 1, 2, 2]));
  const func = { name, params, returns };
  b.funcs.push(func);
  return func;
}

/** `def main():` and the guard that calls it. */
export function defineMain(b: Block): void {
  const body = b.functionBody('def main():', [], null);
  fill(body, between(b.rng, 3, 8));
  if (b.rng.chance(0.3)) body.line(`print(${sentence(b.rng)})`);
  b.blank(2);
  b.nested(`if __name__ == ${quoted(b.rng, '__main__')}:`).line('main()');
}
