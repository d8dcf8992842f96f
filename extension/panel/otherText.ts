/** Another text that a prediction is compared with: with another line, or up to a token of another place. */
import { t } from '../../shared/l10n';
import type { Snapshot, SourceDocument } from '../trace/documents';
import type { Asked } from './subject';

/** A prediction of another text, made after its last token. */
export interface OtherText {
  readonly snapshot: Snapshot;
  readonly reader: number;
}

/** Where the line begins in which a prediction is made, and the line up to it. */
export function lineOf({ snapshot: { source, encoding }, reader }: Asked): {
  readonly start: number;
  readonly text: string;
} {
  if (reader < 0) return { start: 0, text: '' };
  const start = source.text.lastIndexOf('\n', encoding.starts[reader] - 1) + 1;
  return { start, text: source.text.slice(start, encoding.ends[reader]) };
}

/**
 * The text of a prediction with another line in the place of its own.
 * @throws when that would be the same
 */
export function withLine(question: Asked, line: string): string {
  const { start, text } = lineOf(question);
  if (line === text) {
    throw new Error(t('the two texts are the same; change what may decide the prediction'));
  }
  return question.snapshot.source.text.slice(0, start) + line;
}

let count = 0;

/** The text as a document of its own. */
export function otherDocument(text: string): SourceDocument {
  const uri = `circuitscope-other:${++count}`;
  return { uri: { toString: () => uri }, version: 1, getText: () => text };
}
