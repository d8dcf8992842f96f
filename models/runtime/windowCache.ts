/** Remembers results of windows, so that an edit of a text recomputes only those that it touches. */
import type { Intervention } from './interventions';

/** Windows remembered: more than a file of 1 MB has; with a context of 256 some 10 MB. */
const CACHE_SIZE = 4096;

export class WindowCache {
  /** Least recently used first. */
  private readonly results = new Map<string, Float32Array>();

  /** The result of a key, made when it is not there. */
  async get(key: string, make: () => Promise<Float32Array>): Promise<Float32Array> {
    const result = this.results.get(key) ?? (await make());
    this.results.delete(key);
    this.results.set(key, result);
    if (this.results.size > CACHE_SIZE) {
      const [oldest] = this.results.keys();
      this.results.delete(oldest);
    }
    return result;
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
