import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { around, followToken, tokenAt, wholeWindows } from '../../../extension/trace/tokens';

describe('tokenAt', () => {
  const encoding = {
    ids: Uint16Array.of(1, 2, 3),
    starts: Uint32Array.of(0, 2, 3),
    ends: Uint32Array.of(2, 3, 7),
  };
  it('finds the token that covers an offset, at the end the last one', () => {
    expect([0, 1, 2, 3, 6, 7].map((offset) => tokenAt(encoding, offset))).toEqual([
      0, 0, 1, 2, 2, 2,
    ]);
  });

  it('finds none in an empty text', () => {
    const none = new Uint32Array(0);
    expect(tokenAt({ ids: new Uint16Array(0), starts: none, ends: none }, 0)).toBeUndefined();
  });
});

it('takes no more than so many tokens of a range, around one of them', () => {
  const all = { start: 10, end: 60 };
  expect(around(all, 30, 100)).toEqual(all);
  expect(around(all, 30, 10)).toEqual({ start: 25, end: 35 });
  expect(around(all, 11, 10)).toEqual({ start: 10, end: 20 });
  expect(around(all, 59, 10)).toEqual({ start: 50, end: 60 });
  expect(around(all, 5, 10)).toEqual({ start: 10, end: 20 });
});

it('widens ranges to whole windows, alike for all ranges within them', () => {
  const range = fc.tuple(fc.integer({ min: -1, max: 99 }), fc.integer({ min: 1, max: 30 }));
  fc.assert(
    fc.property(range, ([start, length]) => {
      const end = Math.min(100, start + length);
      const whole = wholeWindows({ start, end }, 100, 16);
      expect(whole.start).toBeLessThanOrEqual(start);
      expect(whole.end).toBeGreaterThanOrEqual(end);
      expect(wholeWindows(whole, 100, 16)).toEqual(whole);
    }),
  );
});

describe('followToken', () => {
  it('leaves tokens before an edit, moves those behind it, loses those in it', () => {
    const before = [1, 2, 3, 4, 5];
    const after = [1, 2, 9, 9, 9, 5];
    expect([0, 1, 2, 3, 4].map((token) => followToken(token, before, after))).toEqual([
      0,
      1,
      undefined,
      undefined,
      5,
    ]);
  });

  it('stays on a token of the same id', () => {
    const ids = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(ids, ids, fc.nat(), (before, after, n) => {
        const token = n % before.length;
        const now = followToken(token, before, after);
        if (now !== undefined) expect(after[now]).toBe(before[token]);
      }),
    );
  });
});
