/** Ratios of two timings taken turn by turn: a noisy machine slows both sides of a pair alike. */

/** Middle value of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** One line with the median and the range of first / second over the pairs. */
export function ratioLine(name: string, pairs: readonly (readonly [number, number])[]): string {
  const ratios = pairs.map(([first, second]) => first / second);
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
  const show = (x: number) => x.toFixed(2);
  return `${name}: ${show(median(ratios))} (${show(low)} to ${show(high)}, ${pairs.length} pairs)`;
}
