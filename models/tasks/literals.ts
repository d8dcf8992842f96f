/** Tasks on quotes, brackets and strings. */

import { makeTask, pairOf, type Task } from './task';
import type { Writer } from './writer';

const quotes = makeTask(
  'single_double_quote',
  'The quote that opened the printed string closes it: `")` or `\')`.',
  (w) => {
    const lead = w.fillers(0, 2);
    const text = w.phrase();
    return pairOf([`${lead}print("${text}`, '")'], [`${lead}print('${text}`, "')"]);
  },
);

/**
 * One long row, or three rows against a flat list that has one entry more. Digits alone are one
 * token with and without a blank, so both have the same number of tokens.
 */
function listBodies(w: Writer): { flat: string; nested: string } {
  if (w.rng.chance(0.5)) {
    const row = w.numbers(2, 6);
    return { flat: row, nested: row };
  }
  const rows = w.many(3, 3, () => w.many(1, 3, () => w.rng.int(10)).join(', '));
  return { flat: [w.rng.int(10), ...rows].join(', '), nested: rows.join('], [') };
}

const bracketCounting = makeTask(
  'bracket_counting',
  'The depth of the list decides between `]` and `]]`.',
  (w) => {
    const start = `${w.fillers(0, 2)}${w.names()} = [`;
    const { flat, nested } = listBodies(w);
    return pairOf([`${start}[${nested}`, ']]'], [start + flat, ']']);
  },
);

const bracketBrace = makeTask(
  'bracket_brace',
  'A first number of a further entry is followed by `:` inside a dict, by `,` inside a list.',
  (w) => {
    const start = `${w.fillers(0, 2)}${w.names()} = `;
    const entries = w.many(1, 3, () => [w.number(), w.number()] as const);
    const last = w.number();
    const keyed = entries.map(([key, value]) => `${key}: ${value}`);
    const listed = entries.map((pair) => pair.join(', '));
    return pairOf(
      [`${start}{${[...keyed, last].join(', ')}`, ':'],
      [`${start}[${[...listed, last].join(', ')}`, ','],
    );
  },
);

const fstringBrace = makeTask(
  'fstring_brace',
  'An f-string inserts a name after its words (` {`), a plain string ends (`")` or `\')`).',
  (w) => {
    const quote = w.quote();
    const lead = `${w.fillers(0, 2)}${w.name()} = ${w.number()}\n`;
    const text = w.rng.chance(0.5) ? `the ${w.noun()}` : `${w.adjective()} ${w.noun()}`;
    return pairOf(
      [`${lead}print(f${quote}${text}`, ' {'],
      [`${lead}print(${quote}${text}`, `${quote})`],
    );
  },
);

const withAs = makeTask(
  'with_as',
  'After `with open(...)` comes ` as`, after `f = open(...)` the line ends.',
  (w) => {
    const lead = w.fillers(0, 2);
    const [names, quote] = [w.fileNames(), w.quote()];
    const reads = w.rng.chance(0.5);
    const call = `open(${reads ? names.read : names.write}, ${quote}${reads ? 'r' : 'w'}${quote})`;
    return pairOf([`${lead}with ${call}`, ' as'], [`${lead}${w.handle()} = ${call}`, '\n']);
  },
);

const withOpen = makeTask(
  'with_open',
  'The file name suggests reading or writing. The quote is a token of its own, so the prompt ' +
    "ends after it and the answer is `r` or `w`, where the paper has `'r'` or `'w'`.",
  (w) => {
    const lead = w.fillers(0, 2);
    const start = w.rng.chance(0.6) ? 'with open(' : `${w.handle()} = open(`;
    const [{ read, write }, quote] = [w.fileNames(), w.quote()];
    return pairOf(
      [`${lead}${start}${read}, ${quote}`, 'r'],
      [`${lead}${start}${write}, ${quote}`, 'w'],
    );
  },
);

/** The tasks of this file. */
export const literalTasks: readonly Task[] = [
  quotes,
  bracketCounting,
  bracketBrace,
  fstringBrace,
  withAs,
  withOpen,
];
