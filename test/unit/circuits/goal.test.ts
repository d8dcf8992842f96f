import { describe, expect, it } from 'vitest';
import { strictLoss } from '../../../models/circuits/search/calibration';
import { cautiousLoss, spreadPairs } from '../../../models/circuits/search/goal';

const signs = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 1 : -1));
const even = signs.map((sign) => 2 * sign);

describe('the cautious loss', () => {
  it('is the strict loss where all pairs are alike', () => {
    expect(cautiousLoss(even, signs)).toBeCloseTo(strictLoss(even, signs), 9);
  });

  it('adds one and a half standard errors of the mean over pairs', () => {
    const mixed = even.map((difference, i) => (i % 40 < 2 ? -difference : difference));
    const mean = strictLoss(mixed, signs);
    // One pair in twenty has one loss and the others another, so the deviation follows from the means.
    const added = cautiousLoss(mixed, signs) - mean;
    expect(added).toBeGreaterThan(0);
    const quarter = mixed.slice(0, 50 * 2);
    const addedOfFewer = cautiousLoss(quarter, signs) - strictLoss(quarter, signs.slice(0, 100));
    expect(addedOfFewer / added).toBeGreaterThan(1.2);
  });

  it('prefers a little doubt about all to one pair in twenty that is wrong', () => {
    const wrong = even.map((difference, i) => (i % 40 < 2 ? -difference : 4 * difference));
    const unsure = signs.map((sign, i) => sign + 1.1 * Math.sin(i * 7));
    const gap = (differences: number[]) =>
      cautiousLoss(differences, signs) - strictLoss(differences, signs);
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
