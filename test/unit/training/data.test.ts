import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Rng } from '../../../models/random';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { makeBatch, type WindowSource } from '../../../models/training/data';
import { generateProgram } from '../../../models/training/idioms';
import { WideNames } from '../../../models/training/idioms/wideNames';

const json: unknown = JSON.parse(
  readFileSync('models/bundles/python-sparse/tokenizer.json', 'utf8'),
);
const tokenizer = Tokenizer.fromJson(json);
const CONTEXT = 24;
/** No generated program has two tokens that follow each other as 300 follows 299. */
const stream = Uint16Array.from({ length: 200 }, (_, i) => 200 + i);
const source: WindowSource = { stream, tokenizer, seed: 1, idiomShare: 0.5, context: CONTEXT };

const rows = (batch: Int32Array) =>
  Array.from({ length: batch.length / CONTEXT }, (_, i) => [
    ...batch.subarray(i * CONTEXT, (i + 1) * CONTEXT),
  ]);
const isOrdinary = (row: number[]) => row.every((token, i) => i === 0 || token === row[i - 1] + 1);

describe('a batch', () => {
  it('has the token after each token as its target', () => {
    const { tokens, targets } = makeBatch(source, 'train', 0, 0, 16);
    expect(tokens).toHaveLength(16 * CONTEXT);
    for (const [i, row] of rows(tokens).entries()) {
      expect(rows(targets)[i].slice(0, -1)).toEqual(row.slice(1));
    }
  });

  it('follows from seed, label, step and row alone', () => {
    const batch = makeBatch(source, 'train', 5, 0, 6);
    expect(makeBatch(source, 'train', 5, 0, 6)).toEqual(batch);
    const lastTwo = makeBatch(source, 'train', 5, 4, 2);
    expect(rows(lastTwo.tokens)).toEqual(rows(batch.tokens).slice(4));
    expect(rows(lastTwo.targets)).toEqual(rows(batch.targets).slice(4));
  });

  it('is another one for another seed, label, step or row', () => {
    const batch = makeBatch(source, 'train', 5, 0, 2);
    expect(makeBatch({ ...source, seed: 2 }, 'train', 5, 0, 2)).not.toEqual(batch);
    expect(makeBatch(source, 'held-out', 5, 0, 2)).not.toEqual(batch);
    expect(makeBatch(source, 'train', 6, 0, 2)).not.toEqual(batch);
    expect(makeBatch(source, 'train', 5, 2, 2)).not.toEqual(batch);
  });

  it.each([
    [0, 0, 0],
    [1, 1, 1],
    [0.25, 0.15, 0.35],
  ])('of idiom share %f has such a share of idioms', (idiomShare, least, most) => {
    const { tokens } = makeBatch({ ...source, idiomShare }, 'train', 0, 0, 200);
    const share = rows(tokens).filter((row) => !isOrdinary(row)).length / 200;
    expect(share).toBeGreaterThanOrEqual(least);
    expect(share).toBeLessThanOrEqual(most);
  });
});

describe('windows of ordinary Python', () => {
  const ordinary = { ...source, idiomShare: 0 };

  it('start everywhere, up to the last place where a whole one fits', () => {
    const short = { ...ordinary, stream: stream.slice(0, CONTEXT + 3) };
    const { tokens } = makeBatch(short, 'train', 0, 0, 100);
    expect([...new Set(rows(tokens).map((row) => row[0]))].sort()).toEqual([200, 201, 202]);
  });

  it('need a stream of at least one window and its last target', () => {
    const empty = { ...ordinary, stream: stream.slice(0, CONTEXT) };
    expect(() => makeBatch(empty, 'train', 0, 0, 1)).toThrow(
      'the corpus has 24 tokens, fewer than one window of 25',
    );
  });
});

describe('windows of idioms', () => {
  const batch = makeBatch({ ...source, idiomShare: 1 }, 'train', 0, 0, 100);

  it('start with a program about half of the time, else in the middle of one', () => {
    const starts = rows(batch.tokens).filter((row) => row[0] === tokenizer.endOfText).length;
    expect(starts).toBeGreaterThan(35);
    expect(starts).toBeLessThan(75);
  });

  it('read as Python', () => {
    const text = tokenizer.decode(batch.tokens);
    expect(text).toMatch(/\bdef \w+\(/);
    expect(text).toMatch(/^ {4}return /m);
  });
});

describe('names for generated programs', () => {
  const wide = new WideNames(tokenizer, ['socket_address', 'payload_size']);
  const idioms = { ...source, idiomShare: 1, context: 256 };
  const text = (from: WindowSource) =>
    tokenizer.decode(makeBatch(from, 'held-out', 0, 0, 40).tokens);

  it('are in the text that has a source of them', () => {
    expect(text({ ...idioms, wide })).toMatch(/self\.(socket_address|payload_size) = /);
    expect(text(idioms)).not.toMatch(/socket_address|payload_size/);
  });

  it('leave the text without them as every model was measured on', () => {
    const hash = createHash('sha256');
    for (let i = 0; i < 1000; i++) hash.update(generateProgram(new Rng('pinned', i)));
    expect(hash.digest('hex')).toBe(
      '7699741a0ec32f34e7c4cff2710e639d0ba1c64dcddb35d9608b378e9b6b38d7',
    );
  });
});
