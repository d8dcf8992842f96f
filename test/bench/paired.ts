/** Timings taken turn by turn: a noisy machine slows both sides of a pair alike, so ratios hold. */

/** Middle value of some numbers. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Median and quartiles as text. */
export function spread(values: readonly number[], digits: number): string {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => quantile(values, q).toFixed(digits));
  return `${middle} (quartiles ${low} to ${high}, ${values.length} pairs)`;
}

/** Milliseconds that something takes. */
export async function milliseconds(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** Value below which a share of the numbers lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round(share * (sorted.length - 1))];
}
