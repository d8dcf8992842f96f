import { expect, test } from 'vitest';
import { binned, BINS } from '../../../webview/views/bins';

test('values are counted from the smallest to the largest, and what is not active is left out', () => {
  const { counts, low, high } = binned([0, 0, -1, 3, 3, 2.99]);
  expect([low, high]).toEqual([-1, 3]);
  expect(counts).toHaveLength(BINS);
  expect([counts[0], counts.at(-1)]).toEqual([1, 3]);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(4);
});

test('one value, and none at all, make no number that is none', () => {
  expect(binned([2]).counts.at(-1)).toBe(1);
  expect(binned([0, 0]).counts.every((count) => count === 0)).toBe(true);
});
