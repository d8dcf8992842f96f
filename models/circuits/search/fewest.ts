/** Relative precision of the number that is found. */
const NEAR = 1 / 16;

export interface EnoughOptions {
  /** First number to try; it is then doubled. */
  readonly first: number;
  readonly most: number;
  readonly isEnough: (count: number) => Promise<boolean>;
  /** True when no time is left. */
  readonly expired: () => boolean;
}

/**
 * About the smallest number that is enough: doubled from the first until it is, then bisected. Being enough
 * need not be monotonic, so it is the smallest of the numbers tried; null if none of them is enough.
 */
export async function fewestEnough(options: EnoughOptions): Promise<number | null> {
  const { first, most, isEnough, expired } = options;
  let low = 0;
  let high = Math.min(first, most);
  while (!expired() && !(await isEnough(high))) {
    if (high >= most) return null;
    [low, high] = [high, Math.min(2 * high, most)];
  }
  if (expired()) return null;
  while (low > 0 && high - low > Math.max(1, NEAR * high) && !expired()) {
    const middle = (low + high) >> 1;
    if (await isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
