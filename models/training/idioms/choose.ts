/** Weighted choice among alternatives. */

import type { Rng } from '../../random';

/** A picker that returns each alternative with a probability proportional to its weight. */
export function weighted<T>(...entries: readonly [number, T][]): (rng: Rng) => T {
  const total = entries.reduce((sum, [weight]) => sum + weight, 0);
  return (rng) => {
    let rest = rng.next() * total;
    for (const [weight, value] of entries) {
      rest -= weight;
      if (rest < 0) return value;
    }
    return entries[entries.length - 1][1];
  };
}

/** `count` results of a generator. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_unused, index) => make(index));
}

/** Integer from `low` to `high`, both included. */
export function between(rng: Rng, low: number, high: number): number {
  return low + rng.int(high - low + 1);
}

/**
 * One element, the earlier ones more often (as 1 / sqrt(place)). As in real code some words are
 * frequent enough to become tokens, while the many others keep names from being learnt by heart.
 */
export function common<T>(rng: Rng, items: readonly T[]): T {
  const u = rng.next();
  return items[Math.floor(u * u * items.length)];
}
