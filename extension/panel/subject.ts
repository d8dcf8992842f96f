/** What the panel is about: a prediction at one token of a document. */
import type { Subject, Mode } from '../../webview/protocol';
import type { Snapshot } from '../trace/documents';
import { likeliest, type TokenTrace } from '../trace/tokenTrace';
import { visible } from '../text/visible';
import { idText, tokenText } from './nodeText';

/** A prediction of a document. */
export interface Asked {
  readonly snapshot: Snapshot;
  /** Token under the cursor. */
  readonly cursor: number;
  readonly mode: Mode;
  /** Token at which the prediction is made, -1 for the start of the text. */
  readonly reader: number;
}

/** The prediction that a question about a token means. */
export function asked(snapshot: Snapshot, cursor: number, mode: Mode): Asked {
  return { snapshot, cursor, mode, reader: mode === 'next' ? cursor : cursor - 1 };
}

/** The token that the document has after the reader; null at its end. */
export function observedAfter({ snapshot, reader }: Asked): number | null {
  const { ids } = snapshot.encoding;
  return reader + 1 < ids.length ? ids[reader + 1] : null;
}

/** The token asked about: the one that the document has, at its end the likeliest. */
export function targetOf(question: Asked, trace: TokenTrace): number {
  return observedAfter(question) ?? likeliest(trace.logprobs, 1)[0];
}

/** The subject as the panel's header shows it. */
export function subjectView(question: Asked, target: number): Subject {
  const { snapshot, cursor, mode, reader } = question;
  const { source, encoding, info } = snapshot;
  const { line, character } = source.placeAt(encoding.starts[cursor]);
  return {
    mode,
    file: fileName(snapshot.uri),
    model: info.name,
    cursor: { token: cursor, text: tokenText(snapshot, cursor), line, column: character },
    reader: { token: reader, text: tokenText(snapshot, reader) },
    target: { text: idText(snapshot, target), observed: observedAfter(question) !== null },
  };
}

function fileName(uri: string): string {
  const last = uri.split(/[/\\:]/).at(-1) ?? uri;
  let name = last;
  try {
    name = decodeURIComponent(last);
  } catch {
    // It is shown as it is.
  }
  return visible(name).replaceAll('·', ' ');
}
