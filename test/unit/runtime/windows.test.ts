import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windowOf, windowsOf } from '../../../models/inference/windows';

const tokenCount = fc.integer({ min: 0, max: 3000 });
const context = fc.integer({ min: 2, max: 300 });

describe('windowsOf', () => {
  it('gives every token, and the end-of-text before them, exactly one owner', () => {
    fc.assert(
      fc.property(tokenCount, context, (count, context) => {
        let next = -1;
        for (const { ownStart, end } of windowsOf(count, context)) {
          expect(ownStart).toBe(next);
          expect(end).toBeGreaterThan(ownStart);
          next = end;
        }
        expect(next).toBe(count);
      }),
    );
  });

  it('lets every token see half a context before it, or all there is', () => {
    fc.assert(
      fc.property(tokenCount, context, (count, context) => {
        const half = Math.floor(context / 2);
        for (const { start, end, ownStart } of windowsOf(count, context)) {
          expect(end - start).toBeLessThanOrEqual(context);
          expect(start).toBeGreaterThanOrEqual(-1);
          expect(ownStart - start >= half || start === -1).toBe(true);
        }
      }),
    );
  });

  it('starts windows at multiples of half a context, wherever the text ends', () => {
    fc.assert(
      fc.property(tokenCount, context, fc.nat(500), (count, context, more) => {
        const half = Math.floor(context / 2);
        const longer = windowsOf(count + more, context);
        windowsOf(count, context).forEach(({ start, ownStart }, i) => {
          expect((start + 1) % half).toBe(0);
          expect(longer[i]).toMatchObject({ start, ownStart });
        });
      }),
    );
  });

  it('covers a range with just the windows that own its tokens', () => {
    fc.assert(
      fc.property(tokenCount, context, fc.nat(3000), fc.nat(3000), (count, context, a, b) => {
        const [start, end] = [Math.min(a, b, count), Math.min(Math.max(a, b), count)];
        const owners = windowsOf(count, context).filter(
          (window) => window.end > start && window.ownStart < end,
        );
        expect(windowsOf(count, context, { start, end })).toEqual(start < end ? owners : []);
      }),
    );
  });
});

describe('windowOf', () => {
  it('is the window of windowsOf that owns the token', () => {
    fc.assert(
      fc.property(tokenCount, context, fc.nat(), (count, context, n) => {
        const position = (n % (count + 1)) - 1;
        const owner = windowsOf(count, context).find(
          ({ ownStart, end }) => ownStart <= position && position < end,
        );
        expect(windowOf(position, count, context)).toEqual(owner);
      }),
    );
  });

  it('gives a token the most tokens before it that any window can', () => {
    expect(windowOf(254, 1000, 256)).toEqual({ start: -1, end: 255, ownStart: -1 });
    expect(windowOf(255, 1000, 256)).toEqual({ start: 127, end: 383, ownStart: 255 });
    expect(windowOf(383, 1000, 256)).toEqual({ start: 255, end: 511, ownStart: 383 });
  });

  it('refuses tokens that are not there and contexts without halves', () => {
    expect(() => windowOf(5, 5, 8)).toThrow('token 5 is not in the text, which has 5 tokens');
    expect(() => windowOf(-2, 5, 8)).toThrow('token -2 is not in the text');
    expect(() => windowOf(0.5, 5, 8)).toThrow('token 0.5 is not in the text');
    expect(() => windowOf(0, 5, 1)).toThrow('must be 2 or more');
  });
});
