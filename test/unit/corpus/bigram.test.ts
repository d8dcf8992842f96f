import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BIGRAM_STEPS, bigramLoss, bigramTable } from '../../../models/training/corpus/bigram';
import { Rng } from '../../../models/random';

const VOCAB = 12;
const ids = fc.array(fc.integer({ min: 0, max: VOCAB - 1 }), { minLength: 2, maxLength: 300 });
const row = (table: Uint8Array, last: number) =>
  Array.from(table.subarray(last * VOCAB, (last + 1) * VOCAB), (q) => Math.exp(-q / 16));

test('every row is close to a distribution', () => {
  fc.assert(
    fc.property(ids, fc.double({ min: 0.1, max: 10, noNaN: true }), (tokens, weight) => {
      const table = bigramTable([{ ids: Uint16Array.from(tokens), weight }], VOCAB);
      for (let last = 0; last < VOCAB; last++) {
        const sum = row(table, last).reduce((a, b) => a + b, 0);
        expect(Math.abs(sum - 1)).toBeLessThan(0.04);
      }
    }),
    { seed: 4, numRuns: 200 },
  );
});

test('the table is interpolated Kneser-Ney', () => {
  // 0 is followed by 1 three times and by 2 once; 1 by 0 twice and 2 once; 2 by nothing but 0.
  const tokens = Uint16Array.of(0, 1, 0, 1, 0, 2, 0, 1, 2);
  const table = bigramTable([{ ids: tokens, weight: 1 }], VOCAB, 0.5);
  // Five different pairs: 01, 10, 02, 20, 12. Token 2 ends two of them, 1 ends one.
  const lowest = (pairs: number) => (0.999 * pairs) / 5 + 0.001 / VOCAB;
  const freed = 1 / 4;
  const expected = new Map([
    [1, 2.5 / 4 + freed * lowest(1)],
    [2, 0.5 / 4 + freed * lowest(2)],
    [0, freed * lowest(2)],
    [7, freed * lowest(0)],
  ]);
  for (const [next, probability] of expected) {
    expect(Math.abs(-table[next] / 16 - Math.log(probability))).toBeLessThanOrEqual(1 / 16);
  }
});

test('the table of a first-order chain predicts it about as well as the chain itself', () => {
  const rng = new Rng('chain', 1);
  const chain = (length: number) => {
    const out = new Uint16Array(length);
    for (let i = 1; i < length; i++) {
      out[i] = rng.chance(0.75) ? (out[i - 1] + 1) % VOCAB : rng.int(VOCAB);
    }
    return out;
  };
  const table = bigramTable([{ ids: chain(50_000), weight: 1 }], VOCAB);
  const likely = 0.75 + 0.25 / VOCAB;
  const entropy =
    -likely * Math.log(likely) - (VOCAB - 1) * (0.25 / VOCAB) * Math.log(0.25 / VOCAB);
  const logits = Float32Array.from(table, (q) => -q / BIGRAM_STEPS);
  const fresh = chain(50_000);
  const loss = bigramLoss(logits, VOCAB, fresh.subarray(0, -1), fresh.subarray(1));
  expect(loss).toBeGreaterThan(entropy - 0.03);
  expect(loss).toBeLessThan(entropy + 0.03);
});

test('weights set the shares of the streams, not their sizes', () => {
  const ones = { ids: new Uint16Array(1000).fill(1), weight: 1 };
  const other = Uint16Array.from({ length: 100 }, (_, i) => (i % 2 ? 2 : 1));
  const even = bigramTable([ones, { ids: other, weight: 20 }], VOCAB);
  expect(row(even, 1)[1]).toBeCloseTo(0.5, 1);
  expect(row(even, 1)[2]).toBeCloseTo(0.5, 1);
});

test('a token outside the vocabulary is refused', () => {
  expect(() => bigramTable([{ ids: Uint16Array.of(1, 12), weight: 1 }], VOCAB)).toThrow(
    'token id 12 is outside the vocabulary 12',
  );
});
