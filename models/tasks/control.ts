/** Tasks on loops, branches and functions. */

import { makeTask, pairOf, type Task } from './task';

const forWhile = makeTask(
  'for_while',
  'After `for x` comes ` in`, after `while x` comes `:`.',
  (w) => {
    const x = w.name();
    const lead = `${w.fillers(0, 2)}${x} = ${w.number()}\n${w.fillers(0, 1)}`;
    return pairOf([`${lead}for ${x}`, ' in'], [`${lead}while ${x}`, ':']);
  },
);

const elseElif = makeTask(
  'else_elif',
  'After the block of an `elif` an `else` may follow, after that of an `else` it may not. The paper ' +
    'asks right after the keyword, where the last token alone decides; here both prompts end in the ' +
    'same block and the answer is `else` or `print`.',
  (w) => {
    const x = w.attribute();
    const bound = `${w.fillers(0, 1)}${x} = ${w.number()}\n`;
    const branch = `if ${w.comparison(x)}:\n    print("${w.phrase()}")\n`;
    const block = `    print("${w.phrase()}")\n`;
    const lead = bound + branch;
    return pairOf(
      [`${lead}elif ${w.comparison(x)}:\n${block}`, 'else'],
      [`${lead}else:\n${block}`, 'print'],
    );
  },
);

const ifTernary = makeTask(
  'if_ternary',
  'The condition of an if statement ends in `:`, that of a ternary is followed by ` else`.',
  (w) => {
    const [x, y] = [w.name(), w.noun()];
    const lead = `${w.fillers(0, 1)}${x} = ${w.number()}\n${y} = ${w.number()}`;
    const test = w.comparison(x);
    return pairOf([`${lead}\nif ${test}`, ':'], [`${lead} if ${test}`, ' else']);
  },
);

const indentFor = makeTask(
  'indent_for',
  'The line after a for header is one step deeper than the header, which stands in a branch or not.',
  (w) => {
    const [items, x, flag] = [w.names(), w.name(), w.adjective()];
    const more = w.rng.chance(0.5) ? `, ${w.name()}` : '';
    const lead = `def ${w.functionName()}(${items}${more}):\n${w.fillers(0, 2, '    ')}`;
    return pairOf(
      [`${lead}    ${flag} = True\n    for ${x} in ${items}:`, '\n        '],
      [`${lead}    if ${flag}:\n        for ${x} in ${items}:`, '\n            '],
    );
  },
);

const lambdaFunc = makeTask(
  'lambda_func',
  'After `lambda x` comes `:`, after `def x` comes `(`.',
  (w) => {
    const [x, f, other] = [w.noun(), w.noun(), w.noun()];
    const earlier = `def ${w.functionName()}(${other}):\n    return ${other} + ${w.number()}\n\n\n`;
    const lead = w.rng.chance(0.5) ? earlier : '';
    return pairOf([`${lead}${f} = lambda ${x}`, ':'], [`${lead}def ${x}`, '(']);
  },
);

const enumerateRange = makeTask(
  'enumerate_range',
  'A loop over two names is over ` enumerate`, a loop over one is over ` range`.',
  (w) => {
    const [i, x] = [w.rng.chance(0.5) ? w.letter() : w.noun(), w.noun()];
    const lead = `${w.fillers(0, 2)}${w.names()} = [${w.numbers(2, 4)}]\n`;
    return pairOf([`${lead}for ${i}, ${x} in`, ' enumerate'], [`${lead}for ${x} in`, ' range']);
  },
);

const whileReturnTrue = makeTask(
  'while_return_true',
  'A block follows `while True`, a line less deep follows `return True`. Here a colon is a token ' +
    'of its own, so the prompt ends after `True` and `:` stands against the line end with the ' +
    'lesser indentation.',
  (w) => {
    const x = w.name();
    const header = `def ${w.functionName()}(${x}):\n${w.fillers(0, 1, '    ')}`;
    const lead = `${header}    if ${w.comparison(x)}:\n        `;
    return pairOf([`${lead}while True`, ':'], [`${lead}return True`, '\n    ']);
  },
);

const finalKwarg = makeTask(
  'final_kwarg',
  'Once a parameter has a default the last one has one too (`=None`), else the list ends (`):`).',
  (w) => {
    const first = w.many(0, 2, () => w.name());
    const [x, y, suffix] = [w.noun(), w.noun(), w.rng.pick(w.pool.suffixes)];
    const start = `def ${w.functionName()}(${[...first, x].join(', ')}`;
    return pairOf([`${start}=None, ${y}`, '=None'], [`${start}_${suffix}, ${y}`, '):']);
  },
);

/** The tasks of this file. */
export const controlTasks: readonly Task[] = [
  forWhile,
  elseElif,
  ifTernary,
  indentFor,
  lambdaFunc,
  enumerateRange,
  whileReturnTrue,
  finalKwarg,
];
