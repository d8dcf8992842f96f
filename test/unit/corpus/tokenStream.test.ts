import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { corpusFingerprint } from '../../../models/training/corpus/readCorpus';
import {
  buildTokenStream,
  hasTokenStream,
  loadTokenStream,
  saveTokenStream,
} from '../../../models/training/corpus/tokenStream';
import { trainTokenizer } from '../../../models/training/corpus/trainTokenizer';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { trainBpe } from '../../../models/tokenizer/trainBpe';

const TEXTS = ['x = 1\nprint(x)\n', '', 'print("é")\n'];
const tokenizer = Tokenizer.fromJson(trainBpe(TEXTS, 262));
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'stream-'));
const file = path.join(dir, 'made', 'train.u16');
afterAll(() => fs.rmSync(dir, { recursive: true }));

test('documents stand between end-of-text tokens', () => {
  const done: string[] = [];
  const ids = buildTokenStream(
    TEXTS.map((text) => ({ text })),
    tokenizer,
    (index, total) => done.push(`${index}/${total}`),
  );
  expect(tokenizer.decode(ids)).toBe(['', ...TEXTS, ''].join('<|endoftext|>'));
  expect(done).toEqual(['1/3', '2/3', '3/3']);
});

test('a stream is read back as it was saved', () => {
  const ids = buildTokenStream([{ text: TEXTS[0] }], tokenizer);
  saveTokenStream(file, ids.subarray(1), tokenizer, { files: 1 });
  const read = loadTokenStream(file, tokenizer);
  expect(read.ids).toEqual(ids.slice(1));
  expect(read.header).toEqual({
    tokenizer: tokenizer.hash,
    tokens: ids.length - 1,
    corpus: '',
    source: { files: 1 },
  });
  expect(fs.readFileSync(file)[0]).toBe(ids[1] & 0xff);
  expect(fs.readdirSync(path.dirname(file)).sort()).toEqual(['train.u16', 'train.u16.json']);
});

test('a stream of another tokenizer, a cut one and one without header are refused', () => {
  const other = Tokenizer.fromJson(trainBpe(TEXTS, 261));
  expect(() => loadTokenStream(file, other)).toThrow('made with another tokenizer');
  fs.truncateSync(file, 4);
  expect(() => loadTokenStream(file, tokenizer)).toThrow('has 4 bytes');
  fs.rmSync(`${file}.json`);
  expect(() => loadTokenStream(file, tokenizer)).toThrow('cannot read the stream header');
});

test('a stream is known by its tokenizer and its corpus, once it is whole', () => {
  const [corpus, part] = [path.join(dir, 'changing'), path.join(dir, 'part.bin')];
  fs.mkdirSync(corpus);
  fs.writeFileSync(path.join(corpus, 'a.py'), 'x = 1\n');
  const before = corpusFingerprint([corpus]);
  expect(corpusFingerprint([corpus])).toBe(before);
  expect(hasTokenStream(part, tokenizer, before)).toBe(false);
  saveTokenStream(part, Uint16Array.of(1, 2), tokenizer, {}, before);
  expect(hasTokenStream(part, tokenizer, before)).toBe(true);
  const other = Tokenizer.fromJson(trainBpe(TEXTS, 261));
  expect(hasTokenStream(part, other, before)).toBe(false);
  fs.writeFileSync(path.join(corpus, 'b.py'), 'y = 2\n');
  const after = corpusFingerprint([corpus]);
  expect(hasTokenStream(part, tokenizer, after)).toBe(false);
  fs.renameSync(path.join(corpus, 'b.py'), path.join(corpus, 'c.py'));
  expect(corpusFingerprint([corpus])).not.toBe(after);
});

test('training a tokenizer twice gives the same file', () => {
  const corpus = path.join(dir, 'corpus');
  fs.mkdirSync(corpus);
  for (const name of ['a', 'b', 'c']) {
    const code = `def ${name}(self):\n    return self.${name}  # the ${name} of it\n\n\n`;
    fs.writeFileSync(path.join(corpus, `${name}.py`), code.repeat(20));
  }
  const train = (seed: number) => {
    const options = { corpusDirs: [corpus], idiomShare: 0.5, seed, vocabSize: 300 };
    const { tokenizer, text } = trainTokenizer({ ...options, sampleSize: 4000 });
    expect(tokenizer.vocabSize).toBe(300);
    return text;
  };
  expect(train(1)).toBe(train(1));
  expect(train(1)).not.toBe(train(2));
});
