import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHalves, HalfArray, numberOfHalf, toHalves } from '../../models/halves';

const allBits = HalfArray.from({ length: 1 << 16 }, (_, bits) => bits) as HalfArray;
const isNaNBits = (bits: number) => (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;

describe('halves', () => {
  it('are the numbers that IEEE 754 says', () => {
    const known: readonly (readonly [number, number])[] = [
      ...([
        [0x3c00, 1],
        [0xc000, -2],
        [0x3555, 0.333251953125],
        [0x7bff, 65504],
      ] as const),
      ...([
        [0x0001, 2 ** -24],
        [0x03ff, 1023 * 2 ** -24],
        [0x0400, 2 ** -14],
      ] as const),
      ...([
        [0x7c00, Infinity],
        [0xfc00, -Infinity],
        [0x8000, -0],
      ] as const),
    ];
    for (const [bits, x] of known) {
      expect(numberOfHalf(bits)).toBe(x);
      expect([...toHalves(Float32Array.of(x))]).toEqual([bits]);
    }
    expect(numberOfHalf(0x7e00)).toBeNaN();
    expect(numberOfHalf(toHalves(Float32Array.of(NaN))[0])).toBeNaN();
  });

  it('come back as the same bits, all that there are', () => {
    const back = toHalves(fromHalves(allBits));
    const wrong = allBits.filter((bits, i) => !isNaNBits(bits) && back[i] !== bits);
    expect([...wrong]).toEqual([]);
  });

  it('are the nearest to a number, the even one of two', () => {
    const finite = fc.float({ min: -65504, max: 65504, noNaN: true });
    const near = fc.property(finite, (x) => {
      const [bits] = toHalves(Float32Array.of(x));
      const found = numberOfHalf(bits);
      for (const neighbour of [bits - 1, bits + 1]) {
        // Where bits run over into another sign or out of the range there is no neighbour.
        if ((neighbour & 0x8000) !== (bits & 0x8000) || (neighbour & 0x7c00) === 0x7c00) continue;
        const away = Math.abs(numberOfHalf(neighbour) - x) - Math.abs(found - x);
        expect(away).toBeGreaterThanOrEqual(0);
        if (away === 0) expect(bits % 2).toBe(0);
      }
    });
    fc.assert(near, { seed: 1, numRuns: 2000 });
    expect([...toHalves(Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11))]).toEqual([
      0x3c00, 0x3c02,
    ]);
    expect([...toHalves(Float32Array.of(65519, 65520, 3e-8))]).toEqual([0x7bff, 0x7c00, 1]);
  });
});
