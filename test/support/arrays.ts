/** Plain arrays of numbers in float64, and how tests compare them. */
import { expect } from 'vitest';

/** Numbers row-major in a shape; booleans are 0 and 1. */
export interface NdArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Number of entries of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** An array from its numbers. */
export function array(shape: readonly number[], data: ArrayLike<number>): NdArray {
  if (sizeOf(shape) !== data.length) {
    throw new Error(`${data.length} numbers do not fill [${shape.join(', ')}]`);
  }
  return { shape, data: Float64Array.from(data) };
}

/** The index of entry `at` of a shape, one number an axis. */
export function indexOf(shape: readonly number[], at: number): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(at % shape[axis]);
    at = Math.floor(at / shape[axis]);
  }
  return index;
}

/** Largest of |actual - expected| / max(1, |expected|), and the entry that has it. */
function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>) {
  let worst = { error: 0, at: 0 };
  for (let at = 0; at < expected.length; at++) {
    const error = Math.abs(actual[at] - expected[at]) / Math.max(1, Math.abs(expected[at]));
    // A NaN is the worst of all, and compares as false.
    if (!(error <= worst.error)) worst = { error: Number.isNaN(error) ? Infinity : error, at };
  }
  return worst;
}

/** Fails with the largest error and its place unless all entries agree within the tolerance. */
export function expectClose(
  actual: NdArray,
  expected: NdArray,
  tolerance: number,
  what: string,
): void {
  expect(actual.shape, `shape of ${what}`).toEqual(expected.shape);
  const { error, at } = largestError(actual.data, expected.data);
  if (error <= tolerance) return;
  const place = `[${indexOf(expected.shape, at).join(', ')}] of [${expected.shape.join(', ')}]`;
  expect.fail(
    `${what}: largest error ${error.toExponential(2)} (tolerance ${tolerance}) at ${place}: ` +
      `${actual.data[at]} instead of ${expected.data[at]}`,
  );
}

/** Arrays by name, each copied. */
export function copiesOf(arrays: ReadonlyMap<string, Float32Array>): Map<string, Float32Array> {
  return new Map([...arrays].map(([name, data]) => [name, data.slice()]));
}
