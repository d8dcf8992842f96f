/** Counts for a histogram. */

export const BINS = 24;

/** Counts of values between the smallest and the largest, [bin], zeros left out. */
export function binned(values: readonly number[]): {
  readonly counts: readonly number[];
  readonly low: number;
  readonly high: number;
} {
  const active = values.filter((value) => value !== 0);
  const low = active.reduce((least, value) => Math.min(least, value), 0);
  const high = active.reduce((most, value) => Math.max(most, value), 0);
  const counts = Array<number>(BINS).fill(0);
  const width = (high - low) / BINS || 1;
  for (const value of active) counts[Math.min(BINS - 1, Math.floor((value - low) / width))]++;
  return { counts, low, high };
}
