/** Sets, strings, lists and counters that are bound empty and grow later. */

import type { Block, Var, VarType } from './block';
import { between, weighted } from './choose';
import { intExpr, strExpr } from './expressions';
import { numeral } from './literals';
import { wordString } from './text';

const kinds = weighted<VarType>(
  [5, 'set'],
  [5, 'str'],
  [1.5, 'int'],
  [0.7, 'ints'],
  [0.5, 'strs'],
  [0.4, 'dict'],
);

/** Binds one to four empty variables in any order. */
export function accumulators(b: Block): void {
  for (let count = b.rng.pick([1, 2, 2, 3]); count > 0; count--) {
    const type = kinds(b.rng);
    b.assign(type, emptyValue(b, type), true);
  }
}

function emptyValue(b: Block, type: VarType): string {
  if (type === 'set') return 'set()';
  if (type === 'str') return b.rng.chance(0.75) ? '""' : "''";
  if (type === 'int') return '0';
  return type === 'dict' ? '{}' : '[]';
}

/** The variable that was bound last (a loop's own, most often) or any other of the type. */
function recent(b: Block, type: 'int' | 'str'): string {
  const last = b.vars.at(-1);
  if (last && (last.type === type || (type === 'int' && last.type === 'any'))) {
    if (!last.grows && b.rng.chance(0.75)) return last.name;
  }
  return type === 'int' ? intExpr(b) : strExpr(b);
}

function growOnce(b: Block, { name, type }: Var): void {
  const { rng } = b;
  switch (type) {
    case 'set':
      return b.line(`${name}.add(${rng.chance(0.6) ? recent(b, 'int') : recent(b, 'str')})`);
    case 'str':
      return b.line(`${name} += ${recent(b, 'str')}`);
    case 'int':
      return b.line(`${name} += ${rng.chance(0.4) ? '1' : recent(b, 'int')}`);
    case 'ints':
      return b.line(`${name}.append(${recent(b, 'int')})`);
    case 'strs':
      return b.line(`${name}.append(${recent(b, 'str')})`);
    case 'dict':
      return b.line(`${name}[${wordString(rng)}] = ${numeral(rng)}`);
    case 'bool':
    case 'grid':
    case 'callable':
    case 'any':
    case 'file':
      throw new Error(`a variable of type ${type} does not grow`);
  }
}

function growing(b: Block): Var[] {
  return b.vars.filter(({ grows }) => grows === true);
}

/** Grows one variable that was bound empty, most often once; binds some first where there are none. */
export function grow(b: Block): void {
  if (growing(b).length === 0) accumulators(b);
  const target = b.rng.pick(growing(b));
  for (let count = b.rng.chance(0.2) ? 2 : 1; count > 0; count--) growOnce(b, target);
}

/** Grows up to three variables, each once. */
export function growSeveral(b: Block): void {
  if (growing(b).length === 0) return grow(b);
  const targets = b.rng.shuffle(growing(b));
  for (const target of targets.slice(0, between(b.rng, 1, 3))) growOnce(b, target);
}
