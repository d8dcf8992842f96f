import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { pairOf, type TaskPair } from '../../../models/tasks/task';
import { promptsOf } from '../../../models/tasks/prompts';
import {
  isUndivided,
  LEAST_DIVIDED,
  MOST_PAIRS,
  pairsText,
  readPairs,
  sourceOf,
} from '../../../models/tasks/source';
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
  const partsOf = (count: number, seed = 1, text = (i: number) => line(i)) => {
    const source = readPairs(
      pairsFile(Array.from({ length: count }, (_, i) => text(i)).join('\n')),
    );
    const prompts = (part: 'masks' | 'selection' | 'proof') =>
      source.pairs(seed, 1e6, part).map(({ pair: { a } }) => a.prompt);
    return { masks: prompts('masks'), selection: prompts('selection'), proof: prompts('proof') };
  };

  it('is divided in three by its seed, in random order, and no part knows another', () => {
    const { masks, selection, proof } = partsOf(4 * LEAST_DIVIDED);
    expect([masks.length, selection.length, proof.length]).toEqual([96, 32, 128]);
    expect(new Set([...masks, ...selection, ...proof]).size).toBe(4 * LEAST_DIVIDED);
    // Not every second one: a file may list its pairs by kind.
    const odd = proof.filter((prompt) => Number(prompt.slice(7)) % 2 === 1).length;
    expect(odd).toBeGreaterThan(40);
    expect(odd).toBeLessThan(88);
    expect(partsOf(4 * LEAST_DIVIDED)).toEqual({ masks, selection, proof });
    expect(partsOf(4 * LEAST_DIVIDED, 2).proof).not.toEqual(proof);
  });

  it('of few pairs keeps half for the proof and uses the others twice', () => {
    const { masks, selection, proof } = partsOf(5);
    expect([masks.length, proof.length]).toEqual([3, 2]);
    expect(selection).toEqual(masks);
    const divided = (count: number) => {
      const file = pairsFile(Array.from({ length: count }, (_, i) => line(i)).join('\n'));
      return !isUndivided(readPairs(file), 1);
    };
    expect([1, 5, 2 * LEAST_DIVIDED - 2, 2 * LEAST_DIVIDED - 1].map(divided)).toEqual([
      ...[false, false, false, true],
    ]);
    expect(isUndivided(sourceOf({ task: 'indent_for' }), 1)).toBe(false);
    expect(masks.some((prompt) => proof.includes(prompt))).toBe(false);
  });

  it('counts a pair that stands twice once', () => {
    const { masks, proof } = partsOf(8, 1, (i) => line(i % 2));
    expect([masks.length, proof.length]).toEqual([1, 1]);
    expect(masks).not.toEqual(proof);
  });

  it('names the line of each pair, and has all in their order', () => {
    const file = pairsFile([line(1), '', line(2), line(3)].join('\n'));
    expect(readPairs(file).pairs(1, 9, 'all')).toEqual([
      { pair: pair(1), where: `${file}:1` },
      { pair: pair(2), where: `${file}:3` },
      { pair: pair(3), where: `${file}:4` },
    ]);
    expect(readPairs(file).pairs(1, 1, 'masks')).toHaveLength(1);
  });

  it('of one pair gives it to all parts', () => {
    const { masks, selection, proof } = partsOf(1);
    expect([selection, proof]).toEqual([masks, masks]);
  });

  it('has prompts with the line ends that the model reads, and may begin with a mark', () => {
    const crlf = { a: { prompt: 'a\r\nb', answer: '\r' }, b: { prompt: 'c\rd', answer: 'x' } };
    const [{ pair: read }] = readPairs(pairsFile(`\ufeff${JSON.stringify(crlf)}\n`)).pairs(
      1,
      9,
      'all',
    );
    const lf = { a: { prompt: 'a\nb', answer: '\n' }, b: { prompt: 'c\nd', answer: 'x' } };
    expect(read).toEqual(lf);
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
    [`${line(1)}\nnot json`, /pairs\.jsonl:2 is not JSON; write \{"a"/],
    [`${line(1)}\n\n{"a":{"prompt":"x","answer":"y"}}`, /pairs\.jsonl:3: .*b/],
    ['{"a":{"prompt":"","answer":"y"},"b":{"prompt":"x","answer":"z"}}', /:1: a\.prompt: is empty/],
    ['{"a":{"prompt":"x","answer":1},"b":{"prompt":"x","answer":"z"}}', /:1: a\.answer/],
    [Uint8Array.of(0xff, 0x80), /is not in UTF-8/],
    [Uint8Array.of(0xff, 0xfe), /has no pairs/],
  ])('%j is refused with its line', (text, message) => {
    expect(() => readPairs(pairsFile(text))).toThrow(message);
    expect(() => readPairs(pairsFile(text))).toThrow(/^[^\n]*$/);
  });

  it('of more pairs than are held in memory is refused', () => {
    const file = pairsFile(`${line(1)}\n`.repeat(MOST_PAIRS + 1));
    expect(() => readPairs(file)).toThrow(/pairs\.jsonl has more than 100000 pairs; divide it/);
  });

  it('is left at any pair, and a task too, when whoever asked has gone', () => {
    let left = 3;
    const check = () => {
      if (left-- === 0) throw new Error('gone');
    };
    const file = pairsFile([1, 2, 3, 4, 5].map(line).join('\n'));
    expect(() => readPairs(file, check)).toThrow('gone');
    left = 3;
    expect(() => sourceOf({ task: 'if_ternary' }, check).pairs(1, 9, 'masks')).toThrow('gone');
    left = 3;
    const pairs = [1, 2, 3, 4, 5].map(pair);
    expect(() => promptsOf(pairs, { tokenizer, context: 16, check })).toThrow('gone');
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

  it.each([
    ['prompt', pairOf([' '.repeat(1e6), '='], ['y', ' =']), /: a prompt has 1000000 characters/],
    ['answer', pairOf(['x', ') '.repeat(1e6)], ['y', ' =']), /: the answer .* has 2000000 characters; give one token/], // prettier-ignore
  ])(
    'whose %s cannot fit is not looked at token by token, nor shown whole',
    (_, wrong, message) => {
      const encode = vi.spyOn(tokenizer, 'encodeIds');
      expect(() => promptsOf([wrong], options)).toThrow(message);
      expect(() => promptsOf([wrong], options)).toThrow(/^[^\n]{1,200}$/);
      for (const [text] of encode.mock.calls) expect(text.length).toBeLessThan(1e6);
      encode.mockRestore();
    },
  );

  it('are refused by the place that the source gives', () => {
    const where = (i: number) => `pairs.jsonl:${i + 5}`;
    const wrong = pairOf(['x', ' ='], ['y', ' =']);
    expect(() => promptsOf([pair(1), wrong], { ...options, where })).toThrow(/^pairs\.jsonl:6: /);
  });
});
