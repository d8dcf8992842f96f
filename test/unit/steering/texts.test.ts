import { describe, expect, it } from 'vitest';
import { checkAligned, checkWindows } from '../../../models/steering/texts';

const ids = (...numbers: number[]) => Uint16Array.from(numbers);
const check =
  (given: Uint16Array, other: Uint16Array, position: number, isCut = false) =>
  () => {
    checkAligned(given, other, position, isCut);
  };
const differ = (first: number, here: number, there: number) =>
  `the texts differ from token ${first} on, in ${here} tokens of one and ${there} of the other; give texts that differ in equally many tokens`;

describe('two texts to steer between', () => {
  it('have as many tokens, or the other ends at the place', () => {
    expect(check(ids(1, 2, 3, 4), ids(1, 9, 3, 4), 2)).not.toThrow();
    expect(check(ids(1, 2, 3, 4), ids(1, 9, 3), 2)).not.toThrow();
    expect(check(ids(1, 2, 3, 4), ids(1, 9, 3), 2, true)).not.toThrow();
  });

  it('are refused with what differs where they have not', () => {
    expect(check(ids(1, 2, 3, 4), ids(1, 9, 8, 3, 4), 2)).toThrow(differ(1, 1, 2));
    expect(check(ids(1, 1, 1), ids(1, 1, 1, 1), 1)).toThrow(differ(3, 0, 1));
  });

  it('are refused where one that ends at the place is as long as the whole by chance', () => {
    // Two tokens more before the place, as many as the given text has after it.
    const [given, other] = [ids(1, 2, 3, 4, 5), ids(1, 9, 8, 7, 3)];
    expect(check(given, other, 2)).not.toThrow();
    expect(check(given, other, 2, true)).toThrow(differ(1, 1, 3));
  });

  it('are refused without a word of what comes after the place', () => {
    const given = ids(1, 2, 3, 4, 5, 6, 7);
    for (const isCut of [true, false]) {
      expect(check(given, ids(1, 9, 8, 3), 2, isCut)).toThrow(differ(1, 1, 2));
      expect(check(given, ids(1, 3), 2, isCut)).toThrow(differ(1, 1, 0));
    }
  });

  it('are refused where they differ only before what the models read', () => {
    const windows = (given: number[], other: number[]) => () => {
      checkWindows(Int32Array.from(given), Int32Array.from(other));
    };
    expect(windows([1, 2, 3], [1, 9, 3])).not.toThrow();
    expect(windows([1, 2, 3], [1, 2, 3])).toThrow(
      'the texts differ only before the last 3 tokens up to the place, and the model reads no others; choose a place nearer to the difference',
    );
  });

  it('are refused where they differ only after the place', () => {
    expect(check(ids(1, 2, 3, 4), ids(1, 2, 3, 5), 2)).toThrow('the same tokens up to the place');
  });
});
