import * as path from 'node:path';
import { expect, test } from 'vitest';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';

const tokenizer = Tokenizer.load(
  path.join(import.meta.dirname, '../../../models/bundles/python-sparse/tokenizer.json'),
);

test('the shipped tokenizer has 2048 tokens and ends with end-of-text', () => {
  expect([tokenizer.vocabSize, tokenizer.endOfText]).toEqual([2048, 2047]);
});

// The answers of the tasks: a choice between two completions is a choice between two tokens.
test.each([
  ...["')", '")', ']', ']]', '.add', ' +=', ' as', ' in', ':', ',', 'r', 'w', ' =', ' =='],
  ...['=None', '):', '(', ' enumerate', ' range', '\n', '\n    ', '\n        ', ' else'],
])('%j is one token', (text) => {
  expect(tokenizer.idOf(text)).toBeDefined();
});

test('a header and its block are spelled the same at every depth', () => {
  const spell = (text: string) =>
    [...tokenizer.encodeIds(text)].map((id) => tokenizer.tokenText(id));
  expect(spell('for x in y:\n    while x:\n        return x\n')).toEqual([
    ...['for', ' x', ' in', ' y', ':', '\\n    '],
    ...['while', ' x', ':', '\\n        ', 'return', ' x', '\\n'],
  ]);
});
