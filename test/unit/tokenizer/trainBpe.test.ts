import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitText } from '../../../models/tokenizer/pattern';
import { trainBpe } from '../../../models/tokenizer/trainBpe';

/** The merges of BPE by counting everything anew each time. */
function slowMerges(text: string, count: number): string[] {
  const words = splitText(text).map((piece) => [...new TextEncoder().encode(piece)]);
  const merges: string[] = [];
  for (let id = 256; id < 256 + count; id++) {
    const counts = new Map<number, number>();
    for (const word of words) {
      for (let i = 1; i < word.length; i++) {
        const key = word[i - 1] * 0x10000 + word[i];
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    const [best] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0];
    const [left, right] = [Math.floor(best / 0x10000), best % 0x10000];
    merges.push(`${left} ${right}`);
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        if (word[i] === left && word[i + 1] === right) word.splice(i, 2, id);
      }
    }
  }
  return merges;
}

test('the most frequent pair is merged first', () => {
  const { model } = trainBpe(['abab\nabab\ncd'], 259);
  expect(model.merges).toEqual([
    ['a', 'b'],
    ['ab', 'ab'],
  ]);
  expect(model.vocab['abab']).toBe(257);
});

test('incremental counts give the merges of counting anew', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', '\n', '(') });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 8 }), (random, merges) => {
      const all = `aabbccaabb abcabc aaaa ${random}`;
      const { vocab, merges: learned } = trainBpe([all], 257 + merges).model;
      const ids = learned.map((pair) => pair.map((token) => vocab[token]).join(' '));
      expect(ids).toEqual(slowMerges(all, merges));
    }),
    { seed: 2, numRuns: 200 },
  );
});

test('the order of the texts makes no difference', () => {
  const texts = ['the cat = 1\n', 'def the(cat):\n    pass\n', 'cat.the()'];
  expect(trainBpe(texts, 270)).toEqual(trainBpe(texts.toReversed(), 270));
});

test('the end-of-text token comes last', () => {
  const json = trainBpe(['some words, some words'], 260);
  expect(json.added_tokens.map(({ id, content }) => [id, content])).toEqual([
    [259, '<|endoftext|>'],
  ]);
  expect(Object.keys(json.model.vocab).length).toBe(259);
});

test('no token is a ruler', () => {
  const ruler = '-'.repeat(80);
  expect(trainBpe([ruler], 261).model.merges.at(-1)!.join('')).toBe('-'.repeat(16));
  expect(() => trainBpe([ruler], 262)).toThrow('the texts give only 261 tokens');
});

test('too little text and impossible sizes are refused', () => {
  expect(() => trainBpe(['ab'], 300)).toThrow('the texts give only 258 tokens of 300; add text');
  expect(() => trainBpe(['ab'], 100)).toThrow('vocabulary size 100 is not between 257 and 65536');
});
