/** `for` and `while` loops. */

import type { Block, Fill } from './block';
import { between } from './choose';
import { condition, conditionOn, iterable } from './expressions';
import { accumulators, growSeveral } from './growth';
import { intList, numeral } from './literals';

/** Body of a loop: growth of what was bound before, or anything. */
function loopBody(body: Block, fill: Fill): void {
  const grows = body.vars.some((v) => v.grows);
  if (grows && body.rng.chance(0.55)) growSeveral(body);
  else fill(body, body.rng.pick([1, 1, 2]));
}

/** `for x in items:`. */
export function forEach(b: Block, fill: Fill): void {
  loopBody(eachOf(b), fill);
}

function eachOf(b: Block): Block {
  const { text, item } = iterable(b);
  const name = b.fresh('int');
  const body = b.nested(`for ${name} in ${text}:`, { loop: true });
  body.bind(name, item);
  return body;
}

/** Binds empty variables, does something else perhaps, and grows them in a loop. */
export function accumulate(b: Block, fill: Fill): void {
  accumulators(b);
  fill(b, b.rng.pick([0, 0, 0, 1, 2]));
  growSeveral(eachOf(b));
}

/** `for i in range(…):`. */
export function forRange(b: Block, fill: Fill): void {
  const { rng } = b;
  const name = rng.chance(0.4) ? freshIndex(b) : b.fresh('int');
  const count = b.find('int')?.name ?? numeral(rng);
  const list = b.find('ints', 'strs');
  const low = between(rng, 0, 3);
  const span = rng.pick([
    count,
    numeral(rng),
    `${low}, ${low + between(rng, 2, 20)}`,
    list ? `len(${list.name})` : count,
    `0, ${between(rng, 10, 50)}, ${between(rng, 2, 5)}`,
  ]);
  const body = b.nested(`for ${name} in range(${span}):`, { loop: true });
  body.bind(name, 'int');
  loopBody(body, fill);
}

/** `i`, `j` or another short name, whichever is free. */
function freshIndex(b: Block): string {
  return ['i', 'j', 'k', 'n', 'x'].find((name) => !b.knows(name)) ?? b.fresh('int');
}

/** `for i, x in enumerate(items):`. */
export function forEnumerate(b: Block, fill: Fill): void {
  const { text, item } = iterable(b);
  const index = b.rng.chance(0.5) ? freshIndex(b) : b.fresh('int');
  const start = b.rng.chance(0.15) ? `, ${numeral(b.rng)}` : '';
  const name = freshBeside(b, index);
  const body = b.nested(`for ${index}, ${name} in enumerate(${text}${start}):`, { loop: true });
  body.bind(index, 'int');
  body.bind(name, item);
  loopBody(body, fill);
}

function freshBeside(b: Block, other: string): string {
  for (;;) {
    const name = b.fresh('int');
    if (name !== other) return name;
  }
}

/** `for key, value in table.items():`. */
export function forItems(b: Block, fill: Fill): void {
  const table = b.find('dict');
  if (!table) return forEnumerate(b, fill);
  const key = b.rng.chance(0.5) && !b.knows('key') ? 'key' : b.fresh('int');
  const value = freshBeside(b, key);
  const body = b.nested(`for ${key}, ${value} in ${table.name}.items():`, { loop: true });
  body.bind(key, 'str');
  body.bind(value, 'int');
  loopBody(body, fill);
}

/** `while True:` that ends with a break, or with a return in a function. */
export function whileTrue(b: Block, fill: Fill): void {
  const counter = b.find('int')?.name ?? b.assign('int', numeral(b.rng));
  const body = b.nested('while True:', { loop: true });
  fill(body, body.rng.pick([0, 1, 1]));
  if (body.rng.chance(0.6))
    body.line(`${counter} ${body.rng.pick(['+=', '-='])} ${between(body.rng, 1, 3)}`);
  const test = condition(body);
  const end = body.nested(`if ${test}:`);
  const { returns } = b.place;
  if (returns === 'bool' && b.rng.chance(0.7)) end.line('return True');
  else end.line(returns === null && b.rng.chance(0.4) ? 'return' : 'break');
}

/** `while items:`, `while count:`, `while running:`: a name alone is the condition. */
export function whileName(b: Block, fill: Fill): void {
  const x = b.find('int', 'ints', 'strs', 'bool') ?? {
    name: b.assign('ints', intList(b)),
    type: 'ints',
  };
  const body = b.nested(`while ${x.name}:`, { loop: true });
  const early = b.rng.chance(0.5);
  if (early) fill(body, 1);
  if (x.type === 'int') body.line(`${x.name} -= 1`);
  else if (x.type === 'bool') body.line(`${x.name} = False`);
  else if (b.rng.chance(0.5)) body.line(`${x.name}.pop()`);
  else body.assign(x.type === 'ints' ? 'int' : 'str', `${x.name}.pop()`);
  if (!early) fill(body, 1);
}

/** `while count < 10:`. */
export function whileCondition(b: Block, fill: Fill): void {
  const { rng } = b;
  const name = b.find('int')?.name ?? b.assign('int', numeral(rng));
  const up = rng.chance(0.5);
  const body = b.nested(`while ${name} ${up ? '<' : '>'} ${numeral(rng)}:`, { loop: true });
  fill(body, rng.pick([0, 1, 1]));
  if (rng.chance(0.2)) {
    const stop = body.nested(`if ${conditionOn(body, { name, type: 'int' })}:`);
    stop.line('break');
  }
  body.line(`${name} ${up ? '+=' : '-='} ${between(rng, 1, 9)}`);
}
