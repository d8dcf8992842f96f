/** Everything that is told of one node. */
import type { Card, Example } from '../../webview/protocol';
import { nodeLabel } from '../interventions/describe';
import type { Snapshot } from '../trace/documents';
import type { Scan } from '../trace/traces';
import { tokenText } from './nodeText';
import type { Current } from './session';

const STRONGEST = 6;
/** Tokens of context before and after an example. */
export const CONTEXT = { before: 8, after: 5 };

/** What is known of a node without a document. */
export type NodeKnowledge = Pick<
  Card,
  | 'mean'
  | 'reads'
  | 'writes'
  | 'readCount'
  | 'writeCount'
  | 'promotes'
  | 'suppresses'
  | 'excitedBy'
  | 'inhibitedBy'
  | 'heldOut'
  | 'head'
>;

/** What was measured of a node in the document. */
export interface NodeReading {
  readonly node: string;
  /** Along the document, without ablations. */
  readonly scan: Scan;
  /** At the reader, without ablations and with them. */
  readonly activation: number;
  readonly now: number;
}

/** The card of a node. */
export function cardView(
  { question, circuit }: Current,
  { node, scan, activation, now }: NodeReading,
  known: NodeKnowledge,
): Card {
  const { snapshot, reader } = question;
  const values = Array.from(scan.values);
  const own = circuit?.nodes.find((one) => one.node === node && one.token === reader);
  return {
    ...{ node, label: nodeLabel(node, snapshot.info.config), activation, now },
    effect: own?.effect ?? null,
    strip: {
      start: scan.start,
      texts: values.map((_, i) => tokenText(snapshot, scan.start + i)),
      values,
    },
    strongest: strongest(snapshot, scan),
    ...known,
  };
}

/** The tokens of largest magnitude, with what stands around them. */
function strongest(snapshot: Snapshot, { start, values }: Scan): Example[] {
  const order = Array.from(values.keys()).sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]));
  return order
    .filter((i) => values[i] !== 0)
    .slice(0, STRONGEST)
    .map((i) => {
      const token = start + i;
      const { line } = snapshot.source.placeAt(snapshot.encoding.starts[token]);
      return {
        ...contextOf(snapshot, token),
        ...{ activation: values[i], token, source: `line ${line + 1}` },
      };
    });
}

function contextOf(snapshot: Snapshot, token: number) {
  const { length } = snapshot.encoding.ids;
  const text = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from) }, (_, i) => tokenText(snapshot, from + i)).join(
      '',
    );
  return {
    before: text(Math.max(0, token - CONTEXT.before), token),
    text: tokenText(snapshot, token),
    after: text(token + 1, Math.min(length, token + 1 + CONTEXT.after)),
  };
}
