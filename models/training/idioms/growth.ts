/** Sets, strings, lists and counters that are bound empty and grow later. */

import type { Block, Var, VarType } from './block';
import { between, weighted } from './choose';
import { intExpr, strExpr } from './expressions';
import { numeral } from './literals';
import { wordString } from './text';

const kinds = weighted<VarType>(
  [5, 'set'],
  [5, 'str'],
  [2, 'int'],
  [1, 'ints'],
  [1, 'strs'],
  [1, 'dict'],
);

/** Binds one to four empty variables in any order. */
export function accumulators(b: Block): void {
  for (let count = between(b.rng, 1, 4); count > 0; count--) {
    const type = kinds(b.rng);
    b.assign(type, emptyValue(b, type), true);
  }
}

function emptyValue(b: Block, type: VarType): string {
  if (type === 'set') return 'set()';
  if (type === 'str') return b.rng.chance(0.65) ? '""' : "''";
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

function growLine(b: Block, { name, type }: Var): string | undefined {
  const { rng } = b;
  switch (type) {
    case 'set':
      return `${name}.add(${rng.chance(0.6) ? recent(b, 'int') : recent(b, 'str')})`;
    case 'str':
      return `${name} += ${recent(b, 'str')}`;
    case 'int':
      return `${name} += ${rng.chance(0.4) ? '1' : recent(b, 'int')}`;
    case 'ints':
      return `${name}.append(${recent(b, 'int')})`;
    case 'strs':
      return `${name}.append(${recent(b, 'str')})`;
    case 'dict':
      return `${name}[${wordString(rng)}] = ${numeral(rng)}`;
    case 'bool':
    case 'grid':
    case 'callable':
    case 'any':
    case 'file':
      return undefined;
  }
}

/** Grows one of the variables that were bound empty; binds one first where there is none. */
export function grow(b: Block): void {
  const target = b.findWhere(({ grows }) => grows === true);
  if (!target) return accumulators(b);
  const line = growLine(b, target);
  if (line) b.line(line);
}

/** Grows up to three variables, each once. */
export function growSeveral(b: Block): void {
  const targets = b.vars.filter(({ grows }) => grows === true);
  if (targets.length === 0) return grow(b);
  for (const target of b.rng.shuffle(targets).slice(0, between(b.rng, 1, 3))) {
    const line = growLine(b, target);
    if (line) b.line(line);
  }
}
