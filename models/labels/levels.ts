/** One node's activation of one sign, cut into levels, so that every threshold is a few additions. */

/** Levels of an activation: 0 where the node has not this sign, then from weak to strong. */
export interface Levels {
  /** Positions where the node has this sign, [active]. */
  readonly at: Uint32Array;
  /** Level of each of them, 1 to `count` - 1, [active]. */
  readonly level: Uint8Array;
  readonly count: number;
}

const STEPS = 24;

/** Values that part the levels, ascending; from quantiles of the active positions. */
export function levelEdges(values: Float32Array): Float32Array {
  const sorted = values.filter((value) => value > 0).sort();
  if (sorted.length === 0) return new Float32Array(0);
  const edges = Array.from(
    { length: STEPS },
    (_, i) => sorted[Math.floor((i * sorted.length) / STEPS)],
  );
  return Float32Array.from(new Set(edges));
}

/** Cuts activations [pos] at the edges; positions that are not positive are left out. */
export function levelsOf(values: Float32Array, edges: Float32Array): Levels {
  const at: number[] = [];
  const level: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!(value > 0)) continue;
    let step = 0;
    while (step + 1 < edges.length && edges[step + 1] <= value) step++;
    at.push(i);
    level.push(step + 1);
  }
  return { at: Uint32Array.from(at), level: Uint8Array.from(level), count: edges.length + 1 };
}
