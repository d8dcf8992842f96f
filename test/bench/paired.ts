/** Timings taken turn by turn: a noisy machine slows both sides of a pair alike, so ratios hold. */

/** Middle value of some numbers. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
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

/**
 * Milliseconds of several things, each `pairs` times, by name. Whoever goes first may be at an
 * advantage, so they take turns; a first round, which allocates, does not count.
 */
export async function turns<Name extends string>(
  pairs: number,
  runs: Readonly<Record<Name, () => Promise<unknown>>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(runs) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]]));
  for (const name of names) await runs[name]();
  for (let pair = 0; pair < pairs; pair++) {
    for (const i of names.keys()) {
      const name = names[(i + pair) % names.length];
      times[name].push(await milliseconds(runs[name]));
    }
  }
  return times as Record<Name, number[]>;
}

/** One figure of a benchmark: a line of JSON on standard output, for `npm run bench`. */
export interface Figure {
  readonly bench: string;
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly count: number;
  /** Quartiles; benchmarks of single waits give `p95` and `largest` instead. */
  readonly low?: number;
  readonly high?: number;
  readonly p95?: number;
  readonly largest?: number;
  /** What the figure should be, in words; empty for none. */
  readonly target: string;
  /** What grew, and how many times, where costs are set beside that of the smallest. */
  readonly scaling?: { readonly of: string; readonly times: number };
}

/** Prints a figure with its quartiles; ratios are `left[i] / right[i]` where a right side is given. */
export function figure(
  what: Pick<Figure, 'bench' | 'name' | 'unit' | 'target' | 'scaling'>,
  left: readonly number[],
  right?: readonly number[],
): void {
  const values = right ? left.map((value, i) => value / right[i]) : left;
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => Number(quantile(values, q).toFixed(3)));
  const found: Figure = { ...what, median: middle, low, high, count: values.length };
  console.log(JSON.stringify(found));
}

/** Prints how long single waits take (ms): what counts is the worst of them. */
export function waits(
  bench: string,
  name: string,
  values: readonly number[],
  target: string,
): void {
  const at = (share: number) => Number(quantile(values, share).toFixed(3));
  const figures = { median: at(0.5), p95: at(0.95), largest: at(1), count: values.length };
  const found: Figure = { bench, name, unit: 'ms', ...figures, target };
  console.log(JSON.stringify(found));
}
