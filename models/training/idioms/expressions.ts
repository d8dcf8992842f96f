/** Expressions over the variables in sight. */

import type { Block, Func, Var, VarType } from './block';
import { between, times, weighted } from './choose';
import { intList, literal, numeral, strList } from './literals';
import { fString, sentence, wordString } from './text';

/** A number: a variable, a literal, or a little arithmetic. */
export function intExpr(b: Block): string {
  const { rng } = b;
  const x = b.find('int');
  const list = b.find('ints', 'strs', 'set', 'dict', 'str');
  const roll = rng.next();
  if (list && roll < 0.2) return `len(${list.name})`;
  if (!x || roll < 0.35) return numeral(rng);
  if (roll < 0.55) return x.name;
  const y = b.find('int');
  const other = y && y !== x && rng.chance(0.6) ? y.name : numeral(rng);
  return `${x.name} ${rng.pick(['+', '+', '-', '*', '*', '//', '%'])} ${other === '0' ? '2' : other}`;
}

/** A short string: a variable, a literal, or a conversion. */
export function strExpr(b: Block): string {
  const { rng } = b;
  const x = b.find('str');
  const n = b.find('int');
  const roll = rng.next();
  if (x && roll < 0.4) return x.name;
  if (n && roll < 0.5) return `str(${n.name})`;
  if (x && roll < 0.58) return `${x.name}.${rng.pick(['upper', 'lower', 'strip', 'title'])}()`;
  return wordString(rng);
}

/** An expression of the type: a variable where there is one, else a literal. */
export function valueOf(b: Block, type: VarType): string {
  if (type === 'int') return intExpr(b);
  if (type === 'str') return strExpr(b);
  const known = b.find(type);
  return known && b.rng.chance(0.6) ? known.name : literal(b, type);
}

const comparison = weighted([3, '>'], [3, '<'], [4, '=='], [1, '!='], [1, '>='], [1, '<=']);

/** A condition on an integer variable. */
function intCondition(b: Block, x: Var): string {
  const { rng } = b;
  if (rng.chance(0.12)) return `${x.name} % ${between(rng, 2, 9)} == 0`;
  const y = b.find('int');
  const right = y && y !== x && rng.chance(0.25) ? y.name : numeral(rng);
  return `${x.name} ${comparison(rng)} ${right}`;
}

/** A condition that looks at the given variable. */
export function conditionOn(b: Block, x: Var): string {
  const { rng } = b;
  switch (x.type) {
    case 'int':
      return intCondition(b, x);
    case 'str':
      return rng.chance(0.75)
        ? `${x.name} == ${wordString(rng)}`
        : `len(${x.name}) > ${numeral(rng)}`;
    case 'bool':
      return rng.chance(0.65) ? `${x.name} == ${rng.pick(['True', 'True', 'False'])}` : x.name;
    case 'any':
    case 'file':
      return `${x.name} is not None`;
    case 'set':
    case 'ints':
    case 'strs':
    case 'dict':
    case 'grid':
      return rng.pick([x.name, `len(${x.name}) ${comparison(rng)} ${numeral(rng)}`]);
    case 'callable':
      return `callable(${x.name})`;
  }
}

/** A condition on whatever is in sight; binds a number first where nothing is. */
export function condition(b: Block): string {
  const { rng } = b;
  const item = b.find('int', 'str');
  const list = item && b.find(item.type === 'int' ? 'ints' : 'strs', 'set');
  if (item && list && rng.chance(0.2)) {
    return `${item.name} ${rng.pick(['in', 'in', 'not in'])} ${list.name}`;
  }
  const x = b.find('int', 'int', 'str', 'bool') ?? {
    name: b.assign('int', numeral(rng)),
    type: 'int',
  };
  return rng.chance(0.06) ? `not ${x.name}` : conditionOn(b, x);
}

/** What may stand between the braces of an f-string. */
function inserted(b: Block, x: Var): string {
  const { rng } = b;
  if (x.type === 'int' && rng.chance(0.12))
    return `${x.name} ${rng.pick(['+', '-', '*'])} ${between(rng, 1, 9)}`;
  if (x.type === 'str' && rng.chance(0.1)) return `${x.name}.${rng.pick(['upper', 'lower'])}()`;
  const countable = x.type === 'set' || x.type === 'ints' || x.type === 'strs';
  return countable && rng.chance(0.5) ? `len(${x.name})` : x.name;
}

/** An f-string over one or two variables in sight; undefined when there are none. */
export function fStringOf(b: Block): string | undefined {
  const known = b.vars.filter(
    ({ type }) => type !== 'callable' && type !== 'grid' && type !== 'file',
  );
  if (known.length === 0) return undefined;
  const count = b.rng.chance(0.82) ? 1 : 2;
  return fString(
    b.rng,
    times(count, () => inserted(b, b.rng.pick(known))),
  );
}

/** Anything that `print` may show. */
export function printed(b: Block): string {
  const x = b.findWhere(({ type }) => type !== 'callable' && type !== 'file');
  const roll = b.rng.next();
  if (x && roll < 0.52) return fStringOf(b) ?? sentence(b.rng);
  if (x && roll < 0.57) return x.name;
  if (x && roll < 0.6) return `${sentence(b.rng)}, ${x.name}`;
  return sentence(b.rng);
}

/** Something to loop over whose items have a known type. */
export function iterable(b: Block): { text: string; item: VarType } {
  const loopable: readonly VarType[] = ['ints', 'strs', 'set', 'str', 'dict'];
  const known = b.findWhere(({ type, grows }) => !grows && loopable.includes(type));
  if (known && b.rng.chance(0.8)) {
    const item = known.type === 'ints' ? 'int' : known.type === 'set' ? 'any' : 'str';
    return { text: known.name, item };
  }
  return b.rng.chance(0.5)
    ? { text: intList(b), item: 'int' }
    : { text: strList(b.rng), item: 'str' };
}

/** A call of a known function, with some arguments by keyword. */
export function callOf(b: Block, f: Func, target = f.name): string {
  const args: string[] = [];
  let keywords = false;
  for (const param of f.params) {
    if (param.default !== undefined && b.rng.chance(0.5)) {
      keywords = true;
      continue;
    }
    const type = param.type === 'any' ? 'int' : param.type;
    const value = valueOf(b, type);
    keywords ||= b.rng.chance(0.15);
    args.push(keywords ? `${param.name}=${value}` : value);
  }
  return `${target}(${args.join(', ')})`;
}
