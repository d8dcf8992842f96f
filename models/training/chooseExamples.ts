/** Which tokens of held-out text stand for a node: the strongest, and some around percentiles. */
import {
  BINS,
  codeOf,
  EXAMPLES_A_PERCENTILE,
  EXAMPLES_A_SIGN,
  PARTS,
  partOf,
  PER_SIGN,
  PERCENTILES,
  SIGNS,
  type emptySite,
} from '../bundles/examples';

/** What stands around a percentile is between so many times its share of the tokens from the top. */
const AROUND = [0.8, 1.25] as const;
/** More than any index of a token. */
const PLACES = 2 ** 16;

/**
 * Writes what is known of a node.
 * @param site that it is of
 * @param index of the node in the site
 * @param activations at the tokens that were read, [window, pos]
 * @param perWindow tokens that were read of a window
 * @param placeOf index of such a token in all windows
 */
export function describeNode(
  site: ReturnType<typeof emptySite>,
  index: number,
  activations: Float32Array,
  perWindow: number,
  placeOf: (at: number) => number,
): void {
  for (const sign of [0, 1]) {
    const row = SIGNS * index + sign;
    const order = ranked(activations, sign === 0);
    site.activity.active[row] = order.length;
    if (order.length === 0) continue;
    const peak = activations[order[0]];
    site.peaks[row] = peak;
    chosen(order, perWindow).forEach((at, i) => {
      if (at === null) return;
      site.places[row * PER_SIGN + i] = placeOf(at);
      if (i > 0) site.parts[row * PARTS + i - 1] = partOf(activations[at], peak);
    });
  }
  const [high, low] = site.peaks.subarray(SIGNS * index);
  site.activity.bins.set(binned(activations, low, high).map(codeOf), index * BINS);
}

/**
 * Tokens at which a node has a sign, largest magnitude first, earlier ones first among equals.
 * @returns indices into the activations
 */
function ranked(activations: Float32Array, positive: boolean): Uint16Array {
  const bits = new Uint32Array(activations.buffer, activations.byteOffset, activations.length);
  // The bits of magnitudes are ordered as these are, and a place goes into the digits below.
  const keys = new Float64Array(activations.length);
  let count = 0;
  for (let at = 0; at < activations.length; at++) {
    if (activations[at] === 0 || activations[at] > 0 !== positive) continue;
    keys[count++] = (bits[at] & 0x7fffffff) * PLACES + (PLACES - 1 - at);
  }
  const sorted = keys.subarray(0, count).sort().reverse();
  return Uint16Array.from(sorted, (key) => PLACES - 1 - (key % PLACES));
}

/**
 * The examples of a node and sign, in the order of their entries: no two of one window.
 * @param order tokens from the strongest down
 */
function chosen(order: Uint16Array, perWindow: number): (number | null)[] {
  const windows = new Set<number>();
  const take = (ranks: Iterable<number>, count: number): (number | null)[] => {
    const taken: (number | null)[] = [];
    for (const rank of ranks) {
      if (taken.length === count) break;
      const window = Math.floor(order[rank] / perWindow);
      if (windows.has(window)) continue;
      windows.add(window);
      taken.push(order[rank]);
    }
    return [...taken, ...Array<null>(count - taken.length).fill(null)];
  };
  return [
    ...take(order.keys(), EXAMPLES_A_SIGN),
    ...PERCENTILES.flatMap((percentile) =>
      take(ranksAround(percentile, order.length), EXAMPLES_A_PERCENTILE),
    ),
  ];
}

/** Ranks, 0 the highest, around a percentile of so many, the closest first. */
function* ranksAround(percentile: number, count: number): Generator<number> {
  const middle = ((100 - percentile) * count) / 100;
  const [from, to] = [Math.ceil(AROUND[0] * middle - 0.5), Math.floor(AROUND[1] * middle - 0.5)];
  let above = Math.floor(middle - 0.5);
  let below = above + 1;
  while (above >= from || below <= to) {
    const upwards = below > to || (above >= from && middle - 0.5 - above <= below - middle + 0.5);
    yield upwards ? above-- : below++;
  }
}

/** Counts of activations between the smallest and the largest, [bin], zeros left out. */
function binned(activations: Float32Array, low: number, high: number): number[] {
  const counts = Array<number>(BINS).fill(0);
  for (const value of activations) {
    if (value === 0) continue;
    counts[Math.min(BINS - 1, Math.floor((BINS * (value - low)) / (high - low)))]++;
  }
  return counts;
}
