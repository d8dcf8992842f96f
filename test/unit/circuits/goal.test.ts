import { describe, expect, it } from 'vitest';
import { calibratedLoss } from '../../../models/circuits/calibration';
import { cautiousLoss, splitPairs, spreadPairs } from '../../../models/circuits/prune/goal';

const signs = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 1 : -1));
const even = signs.map((sign) => 2 * sign);

describe('the cautious loss', () => {
  it('is the calibrated loss where all pairs are alike', () => {
    expect(cautiousLoss(even, signs)).toBeCloseTo(calibratedLoss(even, signs), 9);
  });

  it('adds one and a half standard errors of the mean over pairs', () => {
    const mixed = even.map((difference, i) => (i % 40 < 2 ? -difference : difference));
    const mean = calibratedLoss(mixed, signs);
    // One pair in twenty has one loss and the others another, so the deviation follows from the means.
    const added = cautiousLoss(mixed, signs) - mean;
    expect(added).toBeGreaterThan(0);
    const quarter = mixed.slice(0, 50 * 2);
    const addedOfFewer =
      cautiousLoss(quarter, signs) - calibratedLoss(quarter, signs.slice(0, 100));
    expect(addedOfFewer / added).toBeGreaterThan(1.2);
  });

  it('prefers a little doubt about all to one pair in twenty that is wrong', () => {
    const wrong = even.map((difference, i) => (i % 40 < 2 ? -difference : 4 * difference));
    const unsure = signs.map((sign, i) => sign + 1.1 * Math.sin(i * 7));
    const gap = (differences: number[]) =>
      cautiousLoss(differences, signs) - calibratedLoss(differences, signs);
    expect(gap(wrong)).toBeGreaterThan(gap(unsure));
  });
});

const promptsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    ...{ tokens: Int32Array.of(i), first: 1, second: 2 },
    sign: i % 2 === 0 ? (1 as const) : (-1 as const),
  }));

describe('a spread of pairs', () => {
  const prompts = promptsOf(40);

  it('keeps pairs whole and takes them from all over the list', () => {
    const found = spreadPairs(prompts, 4).map(({ tokens }) => tokens[0]);
    expect(found).toEqual([0, 1, 10, 11, 20, 21, 30, 31]);
  });

  it('is the list itself where it is short', () => {
    expect(spreadPairs(prompts, 20)).toBe(prompts);
  });
});

describe('the pairs to select by', () => {
  it('are a quarter, whole, and apart from those that masks are taught with', () => {
    const prompts = promptsOf(2 * 66);
    const { select, teach } = splitPairs(prompts);
    expect(select).toHaveLength(2 * 16);
    expect([...select, ...teach]).toEqual(prompts);
  });

  it('are all where they are few', () => {
    const prompts = promptsOf(2 * 63);
    expect(splitPairs(prompts)).toEqual({ select: prompts, teach: prompts, newAnswers: false });
  });

  describe('where there are many answers', () => {
    /** Pairs of two of `count` answers, every answer in as many. */
    const named = (pairs: number, count: number) =>
      promptsOf(2 * pairs).map((prompt, i) => {
        const pair = i >> 1;
        const first = pair % count;
        return { ...prompt, first, second: (first + 1 + (pair % 7)) % count };
      });

    it('each have one that masks are not taught', () => {
      const prompts = named(300, 60);
      const { select, teach, newAnswers } = splitPairs(prompts);
      expect(newAnswers).toBe(true);
      const taught = new Set(teach.flatMap(({ first, second }) => [first, second]));
      for (const { first, second } of select) {
        expect(taught.has(first) && taught.has(second)).toBe(false);
      }
      expect(select.length + teach.length).toBe(prompts.length);
      expect(teach.length).toBeGreaterThan(select.length);
    });

    it('are a quarter again when too few would be left', () => {
      const { newAnswers, select, teach } = splitPairs(named(30, 60));
      expect(newAnswers).toBe(false);
      expect(select).toEqual(teach);
    });
  });
});
