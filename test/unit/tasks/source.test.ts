import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pairOf, type TaskPair } from '../../../models/tasks/task';
import { promptsOf } from '../../../models/tasks/prompts';
import { pairsText, readPairs, sourceOf } from '../../../models/tasks/source';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';

const tokenizer = Tokenizer.load('models/bundles/python-sparse/tokenizer.json');
const dir = mkdtempSync(join(tmpdir(), 'circuitscope-pairs-'));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});
const pairsFile = (text: string | Uint8Array) => {
  const file = join(dir, 'pairs.jsonl');
  writeFileSync(file, text);
  return file;
};
const pair = (i: number): TaskPair => pairOf([`print("${i}`, '")'], [`print('${i}`, "')"]);
const line = (i: number) => JSON.stringify(pair(i));

describe('a file of pairs', () => {
  it('gives every second pair to judge on, with its line', () => {
    const file = pairsFile([line(1), '', line(2), line(3)].join('\r\n'));
    const source = readPairs(file);
    expect(source.pairs(1, 9, 'train')).toEqual([pair(1), pair(3)]);
    expect(source.pairs(1, 9, 'test')).toEqual([pair(2)]);
    expect(source.pairs(2, 1, 'train')).toEqual([pair(1)]);
    expect(source.where(1, 'train')).toBe(`${file}:4`);
    expect(source.where(0, 'test')).toBe(`${file}:3`);
  });

  it('of one pair gives it to both parts', () => {
    const source = readPairs(pairsFile(`${line(1)}\n`));
    expect(source.pairs(1, 9, 'train')).toEqual(source.pairs(1, 9, 'test'));
  });

  it('is known by its content', () => {
    const one = readPairs(pairsFile(`${line(1)}\n`)).identity;
    expect(readPairs(pairsFile(`${line(1)}\n`)).identity).toEqual(one);
    expect(readPairs(pairsFile(`${line(2)}\n`)).identity).not.toEqual(one);
    const text = pairsText([pair(1)]);
    expect(sourceOf({ name: 'pairs.jsonl', text, where: 'here' }).identity).toEqual(one);
    const wrong = { name: 'pairs.jsonl', text: `${text}{}`, where: 'here' };
    expect(() => sourceOf(wrong)).toThrow(/^here:2: /);
  });

  it.each([
    ['', /has no pairs; write one pair a line/],
    [`${line(1)}\nnot json`, /pairs\.jsonl:2: not JSON; write \{"a"/],
    [`${line(1)}\n\n{"a":{"prompt":"x","answer":"y"}}`, /pairs\.jsonl:3: .*b/],
    ['{"a":{"prompt":"","answer":"y"},"b":{"prompt":"x","answer":"z"}}', /:1: a\.prompt: is empty/],
    ['{"a":{"prompt":"x","answer":1},"b":{"prompt":"x","answer":"z"}}', /:1: a\.answer/],
    [Uint8Array.of(0xff, 0xfe), /not text in UTF-8/],
  ])('%j is refused with its line', (text, message) => {
    expect(() => readPairs(pairsFile(text))).toThrow(message);
    expect(() => readPairs(pairsFile(text))).toThrow(/^[^\n]*$/);
  });

  it('that is missing is refused', () => {
    expect(() => readPairs(join(dir, 'none.jsonl'))).toThrow(/does not exist; check the path/);
  });
});

describe('prompts', () => {
  const options = { tokenizer, context: 16 };
  const idOf = (text: string) => tokenizer.idOf(text)!;

  it('are end-of-text and the tokens, with both answers of their pair', () => {
    const [a, b] = promptsOf([pair(7)], options);
    expect([...a.tokens]).toEqual([tokenizer.endOfText, ...tokenizer.encodeIds('print("7')]);
    expect(a).toMatchObject({ first: idOf('")'), second: idOf("')"), sign: 1 });
    expect(b).toMatchObject({ first: idOf('")'), second: idOf("')"), sign: -1 });
  });

  it.each([
    ['several tokens', pairOf(['x', ' zebra'], ['y', ' =']), /pair 1: the answer " zebra" is \d/],
    ['the same answer', pairOf(['x', ' ='], ['y', ' =']), /pair 1: both sides have the same/],
    [
      'too long a prompt',
      pairOf(['x '.repeat(20), '='], ['y', ' =']),
      /the model reads 15; shorten/,
    ],
    ['an answer that merges', pairOf(['a[1', ']'], ['print(', ')']), /is not a token of its own/],
  ])('with %s are refused', (_what, wrong, message) => {
    expect(() => promptsOf([wrong], options)).toThrow(message);
  });

  it('are refused by the place that the source gives', () => {
    const where = (i: number) => `pairs.jsonl:${i + 5}`;
    const wrong = pairOf(['x', ' ='], ['y', ' =']);
    expect(() => promptsOf([pair(1), wrong], { ...options, where })).toThrow(/^pairs\.jsonl:6: /);
  });
});
