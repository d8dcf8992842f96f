/** How well a threshold on a node's activation tells where a concept holds. */

/** Counts of a yes-or-no prediction. */
export interface Confusion {
  /** Positions where the node is active beyond the threshold and the concept holds. */
  readonly both: number;
  /** Positions where the node is active beyond the threshold. */
  readonly active: number;
  /** Positions where the concept holds. */
  readonly holds: number;
  readonly positions: number;
}

/**
 * Matthews correlation of the two, -1 to 1 and 0 by chance, however rare the concept: what labels are
 * chosen by, since F1 is high by itself for a concept that holds at most positions.
 */
export function correlation({ both, active, holds, positions }: Confusion): number {
  const spread = active * (positions - active) * holds * (positions - holds);
  return spread === 0 ? 0 : (both * positions - active * holds) / Math.sqrt(spread);
}

export const precision = ({ both, active }: Confusion): number =>
  active === 0 ? 0 : both / active;
export const recall = ({ both, holds }: Confusion): number => (holds === 0 ? 0 : both / holds);
/** Harmonic mean of precision and recall. */
export const f1 = ({ both, active, holds }: Confusion): number =>
  active + holds === 0 ? 0 : (2 * both) / (active + holds);

/**
 * Area under the ROC curve of the activation as a score of the concept, ties counted half.
 * @param holding positions by level of activation where the concept holds, [level], lowest first
 * @param all positions by level of activation, [level]
 */
export function areaUnderCurve(holding: ArrayLike<number>, all: ArrayLike<number>): number {
  let [area, below, positives, negatives] = [0, 0, 0, 0];
  for (let level = 0; level < all.length; level++) {
    const [yes, no] = [holding[level], all[level] - holding[level]];
    area += yes * (below + no / 2);
    below += no;
    positives += yes;
    negatives += no;
  }
  return positives === 0 || negatives === 0 ? 0.5 : area / (positives * negatives);
}
