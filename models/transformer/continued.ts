/** Positions that continue a text: what of the earlier ones a layer's attention needs. */
import type { Value } from '../graph/ir';
import * as ops from '../graph/ops';
import type { AttentionPast } from './attention';

/** Earlier positions of one text, shared by every row of the batch: those before the first index. */
export interface Past {
  /** int32 [pos]: 0, 1, 2, … */
  readonly rows: Value;
  /**
   * Keys and values of each layer, [context, head · dHead], after AbsTopK and interventions; what is
   * not earlier may be anything finite.
   */
  readonly layers: readonly { readonly k: Value; readonly v: Value }[];
}

/** What of a text the tokens and the keys of a continuation are. */
export interface Continued {
  /** Positions of the tokens, int32 [pos]. */
  readonly index: Value;
  /** Every position of a window, int32 [context], and in the unit of the slopes [context]. */
  readonly window: Value;
  readonly places: Value;
  /** Positions of the keys, the sink's before all, and the one after each, int32 [key]. */
  readonly keyIndex: Value;
  readonly next: Value;
}

/** Earlier positions as a layer's attention takes them, zero where none is. */
export function earlierPositions(
  { rows, layers }: Past,
  layer: number,
  { index, window, places, keyIndex, next }: Continued,
): AttentionPast {
  const notEarlier = ops.greaterEqual(window, ops.slice(index, 0, 0, 1)); // [context]
  const column = ops.reshape(notEarlier, [window.shape[0], 1]);
  const queries = ops.reshape(index, [index.shape[0], 1]);
  const notLater = ops.where(ops.greaterEqual(queries, keyIndex), 1, 0);
  return {
    rows,
    k: ops.where(column, 0, layers[layer].k),
    v: ops.where(column, 0, layers[layer].v),
    places: ops.where(notEarlier, 0, places),
    falls: ops.where(notEarlier, 0, -1),
    own: ops.where(ops.greaterEqual(keyIndex, queries), notLater, 0),
    whole: { ...layers[layer], places, next },
  };
}
