/** Another text that a prediction is compared with: with another line, or up to a token of another place. */
import { t } from '../../shared/l10n';
import type { Snapshot, SourceDocument } from '../trace/documents';
import type { Asked } from './asked';

/** A prediction of another text, made after its last token. */
export interface OtherText {
  readonly snapshot: Snapshot;
  readonly reader: number;
}

/**
 * The line in which a prediction is made, up to it, and where that begins. A line end that the
 * prediction follows ends the line, and is no part of what people rewrite: `end` is before it.
 */
export function lineOf({ snapshot: { source, encoding }, reader }: Asked): {
  readonly start: number;
  readonly end: number;
  readonly text: string;
} {
  if (reader < 0) return { start: 0, end: 0, text: '' };
  const from = encoding.starts[reader];
  const start = from === 0 ? 0 : source.text.lastIndexOf('\n', from - 1) + 1;
  const lineEnd = source.text.indexOf('\n', from);
  const last = encoding.ends[reader];
  const end = lineEnd === -1 ? last : Math.min(lineEnd, last);
  return { start, end, text: source.text.slice(start, end) };
}

/**
 * The text of a prediction with another line in the place of its own.
 * @throws when that would be the same
 */
export function withLine(question: Asked, line: string): string {
  const { start, end, text } = lineOf(question);
  if (line === text) {
    throw new Error(t('the two texts are the same; change what may affect the prediction'));
  }
  const { source, encoding } = question.snapshot;
  const last = question.reader < 0 ? 0 : encoding.ends[question.reader];
  return source.text.slice(0, start) + line + source.text.slice(end, last);
}

let count = 0;

/** The text as a document of its own. */
export function otherDocument(text: string): SourceDocument {
  const uri = `circuitscope-other:${++count}`;
  return { uri: { toString: () => uri }, version: 1, getText: () => text };
}
