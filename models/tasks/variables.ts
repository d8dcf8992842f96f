/** Tasks on variables: what they hold, which one follows, what is done to them. */

import { makeTask, pairOf, type Task } from './task';
import type { Writer } from './writer';

/** Binds the variable to a set or a string, other lines, and then the variable in a loop or not. */
function growing(w: Writer, name: string, rival: boolean): [string, string] {
  const { rng } = w;
  const before = w.fillers(0, 1);
  const others = w.many(0, 2, () => `${w.noun()} = ${rng.pick(['0', '[]', '{}'])}\n`);
  if (rival) others.push(`${w.noun()} = ${rng.pick(['set()', '""'])}\n`);
  const [item, items] = [w.name(), w.names()];
  const list = rng.chance(0.5) ? `${items} = [${w.numbers(2, 4)}]\n` : '';
  const loop = `for ${item} in ${list ? items : `[${w.numbers(2, 4)}]`}:\n`;
  const rest = `${rng.shuffle(others).join('')}${list}${loop}    ${name}`;
  return [`${before}${name} = set()\n${rest}`, `${before}${name} = ""\n${rest}`];
}

const setOrString = makeTask(
  'set_or_string',
  'A variable bound to `set()` is followed by `.add`, one bound to `""` by ` +=`. In one pair of ' +
    'three another variable is bound to either, so that the name has to be matched.',
  (w) => {
    const [a, b] = growing(w, w.noun(), w.rng.chance(1 / 3));
    return pairOf([a, '.add'], [b, ' +=']);
  },
);

const setOrStringFixed = makeTask(
  'set_or_string_fixedvarname',
  'As set_or_string, but the variable is always `current` and the only set or string.',
  (w) => {
    const [a, b] = growing(w, 'current', false);
    return pairOf([a, '.add'], [b, ' +=']);
  },
);

const classInit = makeTask(
  'class_init',
  'In a run of `self.x = x` lines the name after the dot follows the `=`.',
  (w) => {
    const [x, y, ...done] = [w.copied(), w.copied(), ...w.many(0, 3, () => w.copied())];
    const params = w.rng.shuffle([x, y, ...done]);
    const runs = params.filter((p) => done.includes(p)).map((p) => `        self.${p} = ${p}\n`);
    const header = `class ${w.className()}:\n    def __init__(self, ${params.join(', ')}):\n`;
    const start = `${header}${runs.join('')}        self.`;
    return pairOf([`${start}${x} =`, ` ${x}`], [`${start}${y} =`, ` ${y}`]);
  },
);

const varSwap = makeTask(
  'var_swap',
  'A swap `x, y = y,` ends with the variable that it began with.',
  (w) => {
    const [x, y] = [w.copied(), w.copied()];
    const values = w.rng.chance(0.5)
      ? `${x} = ${w.number()}\n${y} = ${w.number()}\n`
      : `${x}, ${y} = ${w.number()}, ${w.number()}\n`;
    const lead = `${w.noun()} = ${w.number()}\n${values}${w.fillers(0, 1)}`;
    return pairOf([`${lead}${x}, ${y} = ${y},`, ` ${x}`], [`${lead}${y}, ${x} = ${x},`, ` ${y}`]);
  },
);

const ifEquals = makeTask(
  'if_equals',
  'After `if x` comes ` ==`, after a statement that begins with `x` comes ` =`.',
  (w) => {
    const x = w.name();
    const value = w.rng.chance(0.6) ? w.number() : w.string();
    const lead = `${w.fillers(0, 1)}${x} = ${value}\n${w.noun()} = ${w.number()}\n${w.fillers(0, 1)}`;
    return pairOf([`${lead}if ${x}`, ' =='], [`${lead}${x}`, ' =']);
  },
);

const varIf = makeTask(
  'var_if',
  'A condition `if x == True` ends in `:`, a statement `x = True` ends with the line.',
  (w) => {
    const x = w.rng.chance(0.5) ? w.noun() : `is_${w.adjective()}`;
    const lead = `${w.fillers(0, 1)}${x} = False\n${w.noun()} = ${w.number()}\n${w.fillers(0, 1)}`;
    return pairOf([`${lead}if ${x} == True`, ':'], [`${lead}${x} = True`, '\n']);
  },
);

/** The tasks of this file. */
export const variableTasks: readonly Task[] = [
  setOrString,
  setOrStringFixed,
  classInit,
  varSwap,
  ifEquals,
  varIf,
];
