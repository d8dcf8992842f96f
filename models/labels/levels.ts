/** One node's activation of one sign, cut into levels, so that every threshold is a few additions. */

/** Levels of an activation: 0 where the node has not this sign, then from weak to strong. */
export interface Levels {
  /** Positions where the node has this sign, [active]. */
  readonly at: Uint32Array;
  /** Level of each of them, 1 to `count` - 1, [active]. */
  readonly level: Uint8Array;
  /** The last level has the strongest activations. */
  readonly count: number;
  /** Active positions of each level, [level]; none of level 0. */
  readonly totals: Float64Array;
}

const STEPS = 24;
/** The last level has one active position in this many, and no fewer than `FEWEST_STRONGEST`. */
const STRONGEST = 100;
const FEWEST_STRONGEST = 10;

/** Values that part the levels, ascending; from quantiles of the active positions. */
export function levelEdges(values: Float32Array): Float32Array {
  const sorted = values.filter((value) => value > 0).sort();
  if (sorted.length === 0) return new Float32Array(0);
  const edges = Array.from(
    { length: STEPS },
    (_, i) => sorted[Math.floor((i * sorted.length) / STEPS)],
  );
  const strongest = Math.max(FEWEST_STRONGEST, Math.floor(sorted.length / STRONGEST));
  edges.push(sorted[Math.max(0, sorted.length - strongest)]);
  return Float32Array.from(new Set(edges)).sort();
}

/** Cuts activations [pos] at the edges; positions that are not positive are left out. */
export function levelsOf(values: Float32Array, edges: Float32Array): Levels {
  const at = new Uint32Array(values.length);
  const level = new Uint8Array(values.length);
  const totals = new Float64Array(edges.length + 1);
  let active = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!(value > 0)) continue;
    let [low, high] = [0, edges.length];
    // The last edge that is not above the value; what is below the first has level 1 as well.
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (edges[middle] <= value) low = middle;
      else high = middle;
    }
    at[active] = i;
    level[active] = low + 1;
    totals[low + 1]++;
    active++;
  }
  return {
    ...{ at: at.subarray(0, active), level: level.subarray(0, active) },
    ...{ count: edges.length + 1, totals },
  };
}
