/** The number that is enough is looked for to this share of it. */
const NEAR = 1 / 16;

export interface EnoughOptions {
  /** Tried first, and then twice as many, and so on. */
  readonly first: number;
  readonly most: number;
  readonly isEnough: (count: number) => Promise<boolean>;
  /** True when no time is left. */
  readonly expired: () => boolean;
}

/**
 * About the fewest that are enough, from some number on: doubled until they are, then bisected. More
 * need not be better, so it is the fewest of the numbers that were tried; null where none of them is.
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
