import { Tokenizer as Library } from '@huggingface/tokenizers';
import fc from 'fast-check';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { trainBpe } from '../../../models/tokenizer/trainBpe';

const PYTHON = `class Café(Base):
    def __init__(self, name, size=None):
        self.name = name  # naïve 😀😀
        self.size = size

    def total(self):
        return sum(x for x in self.size if x != "é€")
`;
const json = trainBpe([PYTHON, PYTHON.replaceAll('\n', '\r\n')], 340);
const tokenizer = Tokenizer.fromJson(json);

/** Texts that look like code, any text at all, and text with lone surrogates. */
const anyText = fc.oneof(
  fc.string({
    unit: fc.constantFrom(...PYTHON, ' ', '\n', '\t', '\r\n', '😀', '\ufeff', '\u0085'),
  }),
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
);
const runs = { seed: 3, numRuns: 400 };

test('ranges tile any text', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const { ids, starts, ends } = tokenizer.encode(text);
      expect([starts.length, ends.length]).toEqual([ids.length, ids.length]);
      let at = 0;
      for (let i = 0; i < ids.length; i++) {
        expect(starts[i]).toBe(at);
        expect(ends[i]).toBeGreaterThanOrEqual(at);
        at = ends[i];
      }
      expect(at).toBe(text.length);
    }),
    runs,
  );
});

test('decoding gives any text back, with lone surrogates replaced', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const { ids } = tokenizer.encode(text);
      expect(tokenizer.decode(ids)).toBe(text.replace(/\p{Surrogate}/gu, '\ufffd'));
      expect(tokenizer.encodeIds(text)).toEqual(ids);
      expect(ids.every((id) => id < tokenizer.vocabSize && id !== tokenizer.endOfText)).toBe(true);
    }),
    runs,
  );
});

test('a token that is whole characters covers exactly its text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const { ids, starts, ends } = tokenizer.encode(text);
      ids.forEach((id, i) => {
        const own = tokenizer.decode([id]);
        if (!own.includes('\ufffd')) expect(text.slice(starts[i], ends[i])).toBe(own);
      });
    }),
    runs,
  );
});

test('the first token of a split character covers it, the others are empty at its end', () => {
  const { starts, ends } = tokenizer.encode('a𐍈\ud800b');
  expect([...starts]).toEqual([0, 1, 3, 3, 3, 3, 4, 4, 4]);
  expect([...ends]).toEqual([1, 3, 3, 3, 3, 4, 4, 4, 5]);
});

/** Long runs, which make pieces of many merges whose order matters. */
const runsOfText = fc
  .array(fc.tuple(fc.constantFrom(' ', '  x', '\n', '=', 'ab', 'self', 'é', '😀'), fc.nat(300)))
  .map((parts) => parts.map(([part, times]) => part.repeat(times)).join(''));

test('the merges of long runs are those of the library', () => {
  const library = new Library(json, {});
  fc.assert(
    fc.property(runsOfText, (text) => {
      expect([...tokenizer.encodeIds(text)]).toEqual(library.encode(text).ids);
    }),
    { seed: 3, numRuns: 100 },
  );
});

test('a huge text and a huge piece of it can be left at any pause', async () => {
  for (const text of [' '.repeat(60_000), 'x = 1\n'.repeat(20_000)]) {
    let pauses = 0;
    const count = () => Promise.resolve(void pauses++);
    expect(await tokenizer.encodeWithPauses(text, count)).toEqual(tokenizer.encode(text));
    expect(pauses).toBeGreaterThan(3);
    let left = 3;
    const stop = () => (--left > 0 ? Promise.resolve() : Promise.reject(new Error('cancelled')));
    await expect(tokenizer.encodeWithPauses(text, stop)).rejects.toThrow('cancelled');
  }
});

test('ids are those of the library for the whole text, before and after they are remembered', () => {
  const library = new Library(json, {});
  fc.assert(
    fc.property(anyText, (text) => {
      fc.pre(!text.includes('<|endoftext|>'));
      const expected = library.encode(text).ids;
      expect([...tokenizer.encodeIds(text)]).toEqual(expected);
      expect([...tokenizer.encodeIds(text)]).toEqual(expected);
    }),
    runs,
  );
});

test('more pieces than are remembered change nothing', () => {
  const fresh = Tokenizer.fromJson(json);
  const text = Array.from({ length: 60_000 }, (_, i) => `v${i.toString(36)}`).join(' ');
  const ids = fresh.encodeIds(text);
  expect(fresh.decode(ids)).toBe(text);
  expect(fresh.encodeIds(text)).toEqual(ids);
});

test('text that looks like the end-of-text token is text', () => {
  const ids = tokenizer.encodeIds('a<|endoftext|>b');
  expect(ids).not.toContain(tokenizer.endOfText);
  expect(tokenizer.decode(ids)).toBe('a<|endoftext|>b');
  expect(tokenizer.decode([tokenizer.endOfText])).toBe('<|endoftext|>');
});

test('an empty text has no tokens', () => {
  expect(tokenizer.encode('').ids.length).toBe(0);
  expect(tokenizer.decode([])).toBe('');
});

test('single tokens are found by their text and printed', () => {
  const id = tokenizer.idOf('\n        ')!;
  expect(tokenizer.tokenText(id)).toBe('\\n        ');
  expect(tokenizer.idOf('')).toBeUndefined();
  expect(tokenizer.idOf('unheard')).toBeUndefined();
  expect(() => tokenizer.tokenText(340)).toThrow('token id 340 is not in the vocabulary of 340');
});

test('the text of a token is as it stands in a file, or null for a part of a character', () => {
  for (const text of ['\n        ', ' ', '\t', 'def']) {
    const id = tokenizer.idOf(text);
    if (id !== undefined) expect(tokenizer.text(id)).toBe(text);
  }
  const { ids } = tokenizer.encode('🎈');
  expect(ids.length).toBeGreaterThan(1);
  for (const id of ids) expect(tokenizer.text(id)).toBeNull();
  const backslash = tokenizer.idOf('\\')!;
  expect([tokenizer.text(backslash), tokenizer.tokenText(backslash)]).toEqual(['\\', '\\\\']);
});

test('the hash depends on the vocabulary, not on the layout of the file', () => {
  const again = Tokenizer.fromJson(JSON.parse(JSON.stringify(json, null, 4)));
  expect(again.hash).toBe(tokenizer.hash);
  expect(Tokenizer.fromJson(trainBpe([PYTHON.replaceAll('self', 'this')], 330)).hash).not.toBe(
    tokenizer.hash,
  );
});

test('files that are not of the form are refused in one line', () => {
  const copy = () => structuredClone(json);
  const noByte = copy();
  delete noByte.model.vocab['A'];
  expect(() => Tokenizer.fromJson(noByte)).toThrow('token ids are not 0 to 338, see id 65');
  const badMerge = copy();
  badMerge.model.merges.push(['zz', 'q']);
  expect(() => Tokenizer.fromJson(badMerge)).toThrow('merge ["zz","q"] uses a token that is not');
  const otherType = { ...copy(), model: { type: 'Unigram' } };
  expect(() => Tokenizer.fromJson(otherType)).toThrow('supported form, at model.type');
  const noEnd = { ...copy(), added_tokens: [{ ...json.added_tokens[0], content: '</s>' }] };
  expect(() => Tokenizer.fromJson(noEnd)).toThrow('the only added token must be <|endoftext|>');
});

test('loading names the file', () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tokenizer-'));
  const file = path.join(dir, 'tokenizer.json');
  fs.writeFileSync(file, JSON.stringify(json));
  expect(Tokenizer.load(file).hash).toBe(tokenizer.hash);
  fs.writeFileSync(file, '{');
  expect(() => Tokenizer.load(file)).toThrow(`cannot load the tokenizer ${file}: `);
  fs.rmSync(dir, { recursive: true });
});
