/** What is asked: of which prediction of a document, and of which tokens. */
import type { Mode } from '../../webview/protocol';
import type { Snapshot } from '../trace/documents';

/** A prediction of a document. */
export interface Asked {
  readonly snapshot: Snapshot;
  /** Token under the cursor. */
  readonly cursor: number;
  readonly mode: Mode;
  /** Token at which the prediction is made, -1 for the start of the text. */
  readonly reader: number;
}

/** What is asked of a prediction: one token's log-probability, or that less another's. */
export interface Target {
  /** Token id. */
  readonly id: number;
  readonly contrast: number | null;
}

/** The prediction that a question about a token means. */
export function asked(snapshot: Snapshot, cursor: number, mode: Mode): Asked {
  return { snapshot, cursor, mode, reader: mode === 'next' ? cursor : cursor - 1 };
}
