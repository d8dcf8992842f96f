/** What the panel is about: a prediction at one token of a document. */
import { t } from '../../shared/l10n';
import type { Circuit, Kind, Subject } from '../../webview/protocol';
import { likeliest, type TokenTrace } from '../trace/tokenTrace';
import { asked, type Asked, type Target } from './asked';
import { visible } from '../text/visible';
import type { DrawnCircuit } from './drawn';
import { lineOf, type OtherText } from './otherText';
import type { RecordedCircuit } from './recorded';
import { nextText, tokenText } from './nodeText';
import { drawnView } from './taskView';

/** Letters of a line that are sent. */
const LONGEST_LINE = 2000;

/** A task's circuit that is drawn, and the prompt of it that is looked at; null for the file. */
export interface Drawn {
  readonly circuit: DrawnCircuit;
  readonly prompt: number | null;
}

/** A subject that is shown. */
export interface Current {
  readonly seq: number;
  readonly key: string;
  readonly question: Asked;
  readonly target: Target;
  /** Null where the prediction's own circuit is drawn. */
  readonly drawn: Drawn | null;
  /** An exported circuit that is drawn as it was measured. */
  readonly recorded: RecordedCircuit | null;
  /** Another text that it is compared with. */
  readonly other: OtherText | null;
  /** What is done to a node, at its token, to measure its effect. */
  readonly kind: Kind;
  /** What was sent of its circuit. */
  readonly circuit: Circuit | null;
}

/** The token that the document has after the reader; null at its end. */
export function observedAfter({ snapshot, reader }: Asked): number | null {
  const { ids } = snapshot.encoding;
  return reader + 1 < ids.length ? ids[reader + 1] : null;
}

/** The token asked about unless people ask about another: the one that came, asked why it did, else the likeliest, as in hovers. */
export function targetOf(question: Asked, trace: TokenTrace): number {
  const came = question.mode === 'why' ? observedAfter(question) : null;
  return came ?? likeliest(trace.logprobs, 1)[0];
}

/** What the target measures (nats) of log-probabilities [vocab]. */
export function valueOf({ id, contrast }: Target, logprobs: Float32Array): number {
  return logprobs[id] - (contrast === null ? 0 : logprobs[contrast]);
}

/** The subject as the panel's header shows it. */
export function subjectView(
  {
    question,
    target: { id, contrast },
    drawn,
    recorded,
    other,
  }: Pick<Current, 'question' | 'target' | 'drawn' | 'recorded' | 'other'>,
  steered: string | null = null,
): Subject {
  const prompt = drawn?.prompt ?? null;
  const { snapshot, cursor, mode, reader } = question;
  const { source, encoding, info } = snapshot;
  const { line, character } = source.placeAt(encoding.starts[cursor]);
  return {
    mode,
    recorded: recorded?.name ?? null,
    line: lineOf(question).text.slice(0, LONGEST_LINE),
    other: other && {
      line: lineOf(asked(other.snapshot, other.reader, 'next')).text.slice(0, LONGEST_LINE),
    },
    file: prompt === null ? fileName(snapshot.uri) : t('prompt {0}', prompt + 1),
    model: info.name,
    cursor: { token: cursor, text: tokenText(snapshot, cursor), line, column: character },
    reader: { token: reader, text: tokenText(snapshot, reader) },
    target: { text: nextText(snapshot, reader, id), observed: observedAfter(question) === id },
    contrast: contrast === null ? null : { text: nextText(snapshot, reader, contrast) },
    dense: denseOf(question, steered),
    drawn: drawn && drawnView(drawn.circuit, drawn.prompt),
  };
}

/** The dense model beside the question's, where it can be steered. */
function denseOf(question: Asked, node: string | null): Subject['dense'] {
  const { bridgedTo } = question.snapshot.info;
  return bridgedTo === null || question.reader < 0 ? null : { name: bridgedTo, node };
}

function fileName(uri: string): string {
  // A notebook's cell is told from others by a number that says nothing to people.
  const last =
    uri
      .replace(/#.*$/, '')
      .split(/[/\\:]/)
      .at(-1) ?? uri;
  let name = last;
  try {
    name = decodeURIComponent(last);
  } catch {
    // It is shown as it is.
  }
  return visible(name).replaceAll('·', ' ');
}
