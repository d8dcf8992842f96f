import { describe, expect, it } from 'vitest';
import { align } from '../../../models/runtime/align';

const ids = (text: string) => Int32Array.from(text, (letter) => letter.charCodeAt(0));
const aligned = (first: string, second: string) => [...align(ids(first), ids(second))];

describe('align', () => {
  it('goes one by one where both have as many tokens, whatever they are', () => {
    expect(aligned('abcd', 'abXd')).toEqual([0, 1, 2, 3]);
    expect(aligned('abc', 'xyz')).toEqual([0, 1, 2]);
  });

  it.each([
    ['abcd', 'abXYd', [0, 1, -1, 4]],
    ['abXYd', 'abcd', [0, 1, -1, -1, 3]],
    ['ad', 'abcd', [0, 3]],
    ['abcd', 'ad', [0, -1, -1, 1]],
    // One of the two that are alike was added.
    ['aad', 'aaad', [0, 1, 3]],
    ['bc', 'abc', [1, 2]],
  ])('leaves out the edit: %s and %s', (first, second, expected) => {
    expect(aligned(first, second)).toEqual(expected);
  });

  it('holds the predictions against each other, although their tokens differ', () => {
    expect(aligned('abc', 'abXY')).toEqual([0, 1, 3]);
  });

  it('refuses what has nothing in common, with the reason', () => {
    expect(() => aligned('abc', 'wxyz')).toThrow(
      /3 and 4 tokens.*neither a beginning nor an end in common/,
    );
  });
});
