import { existsSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { Rng } from '../../../models/random';
import { findTask, TASK_PARTS as parts, tasks, type TaskPair } from '../../../models/tasks';
import { makeTask, pairOf } from '../../../models/tasks/task';
import { fileUses, pools } from '../../../models/tasks/words';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { generateProgram } from '../../../models/training/idioms';
import * as idiomWords from '../../../models/training/idioms/words';
import { firstError } from '../idioms/syntax';

const named = tasks.map((task) => [task.name, task] as const);
const programs = Array.from({ length: 2000 }, (_unused, i) => generateProgram(new Rng('test', i)));
const corpus = programs.join('\u0000');

/** Both prompts and both answers of a pair in every combination. */
const continuations = ({ a, b }: TaskPair): [string, string][] =>
  [a, b].flatMap(({ prompt }) => [a, b].map(({ answer }): [string, string] => [prompt, answer]));

/** All words of a prompt, in lower case. */
function wordsOf(prompt: string): string[] {
  return prompt.toLowerCase().match(/[a-z]+/g) ?? [];
}

describe('the tasks', () => {
  it('are the twenty of the paper', () => {
    expect(tasks.map(({ name }) => name).sort()).toEqual([
      'bracket_brace',
      'bracket_counting',
      'class_init',
      'else_elif',
      'enumerate_range',
      'final_kwarg',
      'for_while',
      'fstring_brace',
      'if_equals',
      'if_ternary',
      'indent_for',
      'lambda_func',
      'set_or_string',
      'set_or_string_fixedvarname',
      'single_double_quote',
      'var_if',
      'var_swap',
      'while_return_true',
      'with_as',
      'with_open',
    ]);
  });

  it('say so when there are not as many pairs as asked for', () => {
    const task = makeTask('narrow', '', () => pairOf(['x', ':'], ['y', ',']));
    expect(() => task.pairs(1, 2, 'masks')).toThrow('task narrow has only 1 different pairs');
  });

  it('are found by name, and a wrong name is answered with the right ones', () => {
    expect(findTask('var_swap').name).toBe('var_swap');
    expect(() => findTask('swap')).toThrow(/no task swap; the tasks are .*var_swap/);
  });
});

describe.each(named)('%s', (_name, task) => {
  test.each(parts)('gives the same different pairs for the same seed (%s)', (part) => {
    const pairs = task.pairs(3, 200, part);
    expect(new Set(pairs.map(({ a, b }) => a.prompt + b.prompt)).size).toBe(200);
    expect(task.pairs(3, 200, part)).toEqual(pairs);
    expect(task.pairs(4, 200, part)).not.toEqual(pairs);
  });

  test.each(parts)('differs in prompt and answer within a pair (%s)', (part) => {
    for (const { a, b } of task.pairs(5, 100, part)) {
      expect(a.prompt).not.toBe(b.prompt);
      expect(a.answer).not.toBe(b.answer);
    }
  });

  test.each(parts)('has no prompt in generated programs (%s)', (part) => {
    for (const { a, b } of task.pairs(6, 100, part)) {
      for (const { prompt } of [a, b]) {
        const lastLines = prompt.split('\n').slice(-3).join('\n');
        expect(corpus.includes(lastLines), prompt).toBe(false);
      }
    }
  });
});

describe('words', () => {
  const own = (part: (typeof parts)[number]): string[] => {
    const { nouns, adjectives, verbs, people, everyday } = pools[part];
    return [nouns, adjectives, verbs, people, everyday].flat();
  };

  it('are shared neither between the parts nor with the idioms', () => {
    const taught = new Set(Object.values(idiomWords).flat());
    for (const part of parts) {
      expect(own(part).filter((word) => taught.has(word))).toEqual([]);
      expect(new Set(own(part)).size).toBe(own(part).length);
    }
    const seen = new Set<string>();
    for (const part of parts) {
      const words = new Set(Object.values(pools[part]).flat() as string[]);
      expect([...words].filter((word) => seen.has(word))).toEqual([]);
      for (const word of words) seen.add(word);
    }
  });

  it('of files and attributes are taught by the idioms', () => {
    const { everyday, readStems, writeStems, shortNames } = idiomWords;
    for (const part of parts) {
      expect(everyday).toEqual(expect.arrayContaining([...pools[part].attributes]));
      expect(shortNames).toEqual(expect.arrayContaining([...pools[part].letters]));
    }
    expect(readStems).toEqual(expect.arrayContaining(fileUses.map(([read]) => read)));
    expect(writeStems).toEqual(expect.arrayContaining(fileUses.map(([, write]) => write)));
  });

  it('of files that all parts share are in two tasks only, as docs/models.md says', () => {
    const shared = new Set(fileUses.flat());
    const having = tasks.filter((task) =>
      task.pairs(9, 60, 'proof').some(({ a, b }) => {
        const words = wordsOf(a.prompt + b.prompt);
        return words.some((word) => word.split('_').some((piece) => shared.has(piece)));
      }),
    );
    expect(having.map(({ name }) => name).sort()).toEqual(['with_as', 'with_open']);
  });

  it('of one part do not turn up in prompts of the others', () => {
    for (const part of parts) {
      const others = parts.filter((other) => other !== part);
      const foreign = new Set(
        others
          .flatMap((other) => Object.values(pools[other]).flat())
          .map((word) => word.toLowerCase()),
      );
      // Single letters are quote prefixes, modes of files and ends of plurals as well.
      for (const word of foreign) if (word.length === 1) foreign.delete(word);
      for (const word of Object.values(pools[part]).flat()) foreign.delete(word.toLowerCase());
      for (const task of tasks) {
        for (const { a, b } of task.pairs(8, 100, part)) {
          const found = wordsOf(a.prompt + b.prompt).filter((word) => foreign.has(word));
          expect(found, `${task.name}: ${a.prompt}`).toEqual([]);
        }
      }
    }
  });
});

/** Completions that make a prompt with its right answer a whole program. */
const endings: Record<string, (prompt: string, answer: string) => string> = {
  single_double_quote: () => '',
  bracket_counting: () => '',
  bracket_brace: (_prompt, answer) => (answer === ':' ? ' 1}' : ' 1]'),
  fstring_brace: (prompt, answer) =>
    answer === ' {' ? `1}${prompt.match(/f(['"])[^'"]*$/)![1]})` : '',
  with_as: (_prompt, answer) => (answer === '\n' ? '' : ' f:\n    pass'),
  with_open: (prompt) => `${prompt.at(-1)})${prompt.includes('with ') ? ' as f:\n    pass' : ''}`,
  set_or_string: (_prompt, answer) => (answer === '.add' ? '(1)' : ' "x"'),
  set_or_string_fixedvarname: (_prompt, answer) => (answer === '.add' ? '(1)' : ' "x"'),
  class_init: () => '',
  var_swap: () => '',
  if_equals: (_prompt, answer) => (answer === ' ==' ? ' 1:\n    pass' : ' 1'),
  var_if: (_prompt, answer) => (answer === ':' ? '\n    pass' : ''),
  for_while: (_prompt, answer) => (answer === ':' ? '\n    pass' : ' [1]:\n    pass'),
  else_elif: (_prompt, answer) => (answer === 'else' ? ':\n    pass' : '(1)'),
  if_ternary: (_prompt, answer) => (answer === ':' ? '\n    pass' : ' 1'),
  indent_for: () => 'pass',
  lambda_func: (_prompt, answer) => (answer === ':' ? ' 1' : '):\n    pass'),
  enumerate_range: () => '([1]):\n    pass',
  while_return_true: (_prompt, answer) => (answer === ':' ? '\n            pass' : 'return False'),
  final_kwarg: (_prompt, answer) => (answer === '):' ? '\n    pass' : '):\n    pass'),
};

describe('right answers', () => {
  test.each(named)('of %s continue to valid Python', (name, task) => {
    for (const part of parts) {
      for (const { a, b } of task.pairs(9, 50, part)) {
        for (const { prompt, answer } of [a, b]) {
          const whole = `${prompt}${answer}${endings[name](prompt, answer)}\n`;
          expect(firstError(whole), whole).toBeUndefined();
        }
      }
    }
  });
});

const file = 'models/bundles/python-sparse/tokenizer.json';

describe.skipIf(!existsSync(file))('in tokens of the shipped vocabulary', () => {
  const tokenizer = existsSync(file) ? Tokenizer.load(file) : undefined;
  const encode = (text: string): number[] => [...tokenizer!.encodeIds(text)];

  test.each(named)('answers of %s are one token after either prompt', (_name, task) => {
    for (const part of parts) {
      for (const pair of task.pairs(10, 50, part)) {
        for (const [prompt, answer] of continuations(pair)) {
          const [before, after] = [encode(prompt), encode(prompt + answer)];
          expect(before.length).toBeLessThanOrEqual(200);
          expect(after.slice(0, -1), prompt + answer).toEqual(before);
        }
      }
    }
  });

  // What the last token alone decides needs no circuit. Elsewhere the form asks for other last tokens.
  const otherEnds = ['indent_for', 'if_equals', 'bracket_counting'];
  const sameEnds = named.filter(([name]) => !otherEnds.includes(name));
  test.each(sameEnds)('the prompts of a pair of %s end in the same token', (_name, task) => {
    for (const part of parts) {
      for (const { a, b } of task.pairs(12, 50, part)) {
        expect(encode(a.prompt).at(-1), a.prompt).toBe(encode(b.prompt).at(-1));
      }
    }
  });

  // The others differ by a token or two, which their form asks for.
  const aligned = [
    'single_double_quote',
    'bracket_counting',
    'bracket_brace',
    'for_while',
    'while_return_true',
    'final_kwarg',
  ];
  test.each(aligned)('the prompts of a pair of %s have the same number of tokens', (name) => {
    for (const part of parts) {
      for (const { a, b } of findTask(name).pairs(11, 50, part)) {
        expect(encode(a.prompt).length, a.prompt).toBe(encode(b.prompt).length);
      }
    }
  });
});
