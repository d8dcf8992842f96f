/** Remembers results of windows, so that an edit of a text recomputes only those that it touches. */
import type { Intervention } from './interventions';

export class WindowCache<T> {
  /** Least recently used first; those that are being made are waited for, not made twice. */
  private readonly results = new Map<string, Promise<T>>();
  /** When it was last asked, as of `performance.now()`. */
  private asked = 0;

  /** @param size windows remembered at most */
  constructor(private readonly size: number) {}

  /** The result of a key, made when it is not there. */
  get(key: string, make: () => Promise<T>): Promise<T> {
    this.asked = performance.now();
    const result = this.results.get(key) ?? make();
    this.results.delete(key);
    this.results.set(key, result);
    if (this.results.size > this.size) {
      const [oldest] = this.results.keys();
      this.results.delete(oldest);
    }
    // What failed is made anew when it is next asked for.
    result.catch(() => {
      if (this.results.get(key) === result) this.results.delete(key);
    });
    return result;
  }

  clear(): void {
    this.results.clear();
  }

  /**
   * Forgets all unless it was asked since a time, as of `performance.now()`.
   * @returns whether there was anything to forget
   */
  rest(since: number): boolean {
    if (this.results.size === 0 || this.asked >= since) return false;
    this.clear();
    return true;
  }
}

/**
 * Key of what a window's result depends on.
 * @param start the window's first token, which matters only to interventions at certain tokens
 * @param numbers token ids and whatever else decides the result
 */
export function windowKey(
  interventions: readonly Intervention[],
  start: number,
  ...numbers: readonly Int32Array[]
): string {
  const fixed = interventions.every(({ positions }) => positions === 'all');
  const lists = numbers.map((list) => list.join());
  return ['', JSON.stringify(interventions), fixed ? '' : start, ...lists].join(';');
}
