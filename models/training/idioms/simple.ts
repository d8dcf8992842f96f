/** Statements of one or two lines: assignments, flags, prints, swaps, ternaries, lambdas, slices. */

import type { Block, VarType } from './block';
import { between, weighted } from './choose';
import { callOf, condition, conditionOn, intExpr, printed, strExpr, valueOf } from './expressions';
import {
  dict,
  grid,
  intList,
  lateGrid,
  literal,
  numberDict,
  numeral,
  recordDict,
  strList,
  tallLiteral,
} from './literals';
import { attributeName } from './names';
import { phrase, quoted, sentence, wordString } from './text';

export function assignNumber(b: Block): void {
  b.assign('int', b.rng.chance(0.5) ? numeral(b.rng) : intExpr(b));
}

export function assignText(b: Block): void {
  const { rng } = b;
  const value = rng.chance(0.6) ? strExpr(b) : quoted(rng, phrase(rng));
  b.assign('str', value);
}

/** `ready = True`: a new flag, or one that is set again. */
export function assignFlag(b: Block): void {
  const known = b.find('bool');
  const value = b.rng.chance(0.75) ? 'True' : 'False';
  if (known && b.rng.chance(0.45)) b.line(`${known.name} = ${value}`);
  else b.assign('bool', value);
}

/** `x = …` for a variable that is already bound. */
export function rebind(b: Block): void {
  const known = b.findWhere(({ name, type, grows }) => {
    // Attributes keep to `self.x = x`, which is what class_init is about.
    return !grows && !name.includes('.') && (type === 'int' || type === 'str');
  });
  if (known) b.line(`${known.name} = ${valueOf(b, known.type)}`);
  else assignNumber(b);
}

export function printLine(b: Block): void {
  b.line(`print(${printed(b)})`);
}

/** A flat list, a nested one or a dict, bound to a name. */
export function assignCollection(b: Block): void {
  const { rng } = b;
  collectionForms(rng)(b);
}

const collectionForms = weighted<(b: Block) => void>(
  [5, (b) => void b.assign('ints', intList(b))],
  [2, (b) => void b.assign('strs', strList(b.rng))],
  [8, (b) => void b.assign('grid', grid(b.rng))],
  [2, (b) => void b.assign('grid', lateGrid(b.rng))],
  [2, (b) => void b.assign('dict', dict(b.rng))],
  [4, (b) => void b.assign('any', numberDict(b.rng))],
  [1.5, (b) => void b.assign('any', recordDict(b.rng))],
  [0.5, (b) => void b.assign('any', dict(b.rng, recordDict))],
  [0.7, (b) => void b.assign('any', tallLiteral(b))],
);

/** A literal list inside a call: `print(max([3, 1]))`, `total = sum([1, 2])`. */
export function listInCall(b: Block): void {
  const { rng } = b;
  const list = rng.chance(0.6) ? intList(b) : grid(rng);
  const name = rng.pick(['len', 'len', 'max', 'min', 'sorted']);
  if (rng.chance(0.4)) b.line(`print(${name}(${list}))`);
  else if (rng.chance(0.3)) b.line(`print(${list})`);
  else b.assign('int', `len(${list})`);
}

/** Binds two variables of the type, half of them named like attributes, on two lines or on one. */
function bindTwo(b: Block, type: VarType): string[] {
  const names: string[] = [];
  while (names.length < 2) {
    const name = b.rng.chance(0.5) ? (b.wideName() ?? attributeName(b.rng)) : b.fresh(type);
    if (b.knows(name)) continue;
    b.bind(name, type);
    names.push(name);
  }
  const values = names.map(() => literal(b, type));
  if (b.rng.chance(0.6)) names.forEach((name, i) => b.line(`${name} = ${values[i]}`));
  else b.line(`${names.join(', ')} = ${values.join(', ')}`);
  return names;
}

/** `a, b = b, a`, after binding both where nothing fits. */
export function swap(b: Block): void {
  const { rng } = b;
  const type = rng.pick<VarType>(['int', 'int', 'str']);
  const known = b.vars.filter((v) => v.type === type && v.name.length < 16).map((v) => v.name);
  const names = known.length < 2 || rng.chance(0.45) ? bindTwo(b, type) : known;
  const [x, y] = rng.shuffle(names);
  b.line(`${x}, ${y} = ${y}, ${x}`);
}

/** `x = 1 if y > 2 else 3`, also in a print or a return. */
export function ternary(b: Block): void {
  const { rng } = b;
  const test = condition(b);
  if (rng.chance(0.2)) {
    b.line(`print(${sentence(rng)} if ${test} else ${sentence(rng)})`);
    return;
  }
  const known = b.find('int', 'str');
  const type = known?.type ?? rng.pick<VarType>(['int', 'str']);
  const value = `${literal(b, type)} if ${test} else ${valueOf(b, type)}`;
  if (known && !known.grows && rng.chance(0.3)) {
    b.line(`${known.name} = ${value}`);
  } else {
    b.assign(type, value);
  }
}

/** `double = lambda x: x * 2`, or a lambda as an argument. */
export function lambda(b: Block): void {
  const { rng } = b;
  const x = rng.chance(0.5) ? rng.pick([...'xnabkvstpw']) : (b.wideName() ?? attributeName(rng));
  const body = rng.pick([
    `${x} + ${numeral(rng)}`,
    `${x} * ${between(rng, 2, 9)}`,
    `${x} > ${numeral(rng)}`,
    `${x} % ${between(rng, 2, 9)} == 0`,
    `${x} ** 2`,
    `-${x}`,
  ]);
  const list = b.find('ints')?.name ?? intList(b);
  const wrap = rng.pick(['map', 'filter']);
  const roll = rng.next();
  if (roll < 0.5) b.assign('callable', `lambda ${x}: ${body}`);
  else if (roll < 0.7) b.assign('ints', `sorted(${list}, key=lambda ${x}: ${body})`);
  else if (roll < 0.92) b.assign('ints', `list(${wrap}(lambda ${x}: ${body}, ${list}))`);
  else b.assign('callable', `lambda ${x}, ${x}2: ${x} + ${x}2`);
}

/** Calls a bound lambda or a known function. */
export function call(b: Block): void {
  const f = b.funcs.length > 0 ? b.rng.pick(b.funcs) : undefined;
  const bound = b.find('callable');
  if (f && (!bound || b.rng.chance(0.7))) {
    const text = callOf(b, f);
    if (f.returns === null) b.line(text);
    else if (b.rng.chance(0.35)) b.line(`print(${text})`);
    else b.assign(f.returns, text);
  } else if (bound) {
    b.line(`print(${bound.name}(${numeral(b.rng)}))`);
  } else {
    printLine(b);
  }
}

/** A comprehension or a slice over a list in sight. */
export function derivedList(b: Block): void {
  const { rng } = b;
  const list = b.find('ints', 'strs');
  if (!list) return assignCollection(b);
  const item = { name: b.fresh('int'), type: list.type === 'ints' ? 'int' : 'str' } as const;
  const mapped =
    item.type === 'int' ? `${item.name} * ${between(rng, 2, 9)}` : `${item.name}.upper()`;
  const test = conditionOn(b, item);
  const text = rng.pick([
    `[${mapped} for ${item.name} in ${list.name}]`,
    `[${item.name} for ${item.name} in ${list.name} if ${test}]`,
    `${list.name}[${between(rng, 1, 4)}:]`,
    `${list.name}[:${between(rng, 1, 5)}]`,
    `${list.name}[::-1]`,
    `${list.name}.copy()`,
  ]);
  b.assign(list.type, text);
}

/** `name = input("…")`, sometimes turned into a number. */
export function ask(b: Block): void {
  const prompt = `input(${sentence(b.rng)})`;
  if (b.rng.chance(0.3)) b.assign('int', `int(${prompt})`);
  else b.assign('str', prompt);
}

/** `assert x > 3, "…"`. */
export function check(b: Block): void {
  b.line(`assert ${condition(b)}, ${wordString(b.rng)}`);
}
