/** A window of a text as the model was run on it, and where a node stands in it. */
import type { NodeId } from '../../transformer/nodes';
import type { Sites } from './attention';

/** A node at a row of the window. */
export interface Placed {
  readonly node: NodeId;
  readonly row: number;
}

/** A traced window. */
export interface TracedWindow {
  /** Token ids, [pos]. */
  readonly ids: Int32Array;
  /** Activations after interventions. */
  readonly sites: Sites;
  /** Token index of the first row. */
  readonly start: number;
}
