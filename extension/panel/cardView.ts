/** Everything that is told of one node at one token. */
import { t } from '../../shared/l10n';
import { hasPlace } from '../../models/bridges/steering';
import type { Facts } from '../../models/runtime/facts';
import { tokensOfCharacter } from '../../models/tokenizer/characters';
import { parseNode } from '../../models/transformer/nodes';
import type { Card, Example, Kind, Vertex } from '../../webview/protocol';
import { kindText, nodeLabel } from '../interventions/describe';
import type { Names } from '../nodes/names';
import type { Snapshot } from '../trace/documents';
import { stretchText } from '../trace/shownToken';
import type { Scan } from '../trace/traces';
import { CONTEXT, factsView, type ActivationOf } from './factsView';
import { headOf, tokenText } from './nodeText';
import type { Asked } from './asked';

const STRONGEST = 6;
/** Shares of the active tokens that lie below an example. */
const QUANTILES = [0.9, 0.75, 0.5, 0.25, 0.1];

/** What was measured of a node in the document. */
export interface NodeReading extends Vertex {
  /** Along the document, without ablations. */
  readonly scan: Scan;
  /** At the token, without ablations and with them. */
  readonly activation: number;
  readonly now: number;
  /** Change of the target (nats) when the node is ablated at the token. */
  readonly effect: number;
  /** How it is ablated. */
  readonly kind: Kind;
  /** Activation of any node at the token. */
  readonly activationOf: ActivationOf;
  /** Labels of all nodes. */
  readonly names: Names;
}

/** The card of a node at a token. */
export function cardView({ snapshot, reader }: Asked, reading: NodeReading, facts: Facts): Card {
  const { node, token, scan, activation, now, effect, kind } = reading;
  const { config } = snapshot.info;
  const values = Array.from(scan.values);
  return {
    ...{ node, token, label: nodeLabel(node, config), activation, now, effect },
    at: token === reader ? null : tokenText(snapshot, token),
    ablation: kindText({ kind }),
    strip: {
      start: scan.start,
      texts: values.map((_, i) => tokenText(snapshot, scan.start + i)),
      values,
    },
    strongest: strongest(snapshot, scan),
    spread: spread(snapshot, scan),
    ...factsView(facts, snapshot, reading),
    head: headOf(node, config),
    steers: hasPlace(parseNode(node, config), config),
  };
}

/** The tokens of largest magnitude, with what stands around them. */
function strongest(snapshot: Snapshot, scan: Scan): Example[] {
  const order = active(scan).sort((a, b) => Math.abs(scan.values[b]) - Math.abs(scan.values[a]));
  return order.slice(0, STRONGEST).map((i) => exampleAt(snapshot, scan, i));
}

/** Tokens from strong to weak: what a node does most of the time is not what it does at its extremes. */
function spread(snapshot: Snapshot, scan: Scan): Card['spread'] {
  const order = active(scan).sort((a, b) => scan.values[a] - scan.values[b]);
  if (order.length <= QUANTILES.length) return [];
  return QUANTILES.map((quantile) => {
    const i = order[Math.round(quantile * (order.length - 1))];
    return { quantile, example: exampleAt(snapshot, scan, i) };
  });
}

/** Places of a scan where the node is active. */
function active({ values }: Scan): number[] {
  return Array.from(values.keys()).filter((i) => values[i] !== 0);
}

function exampleAt(snapshot: Snapshot, { start, values }: Scan, i: number): Example {
  const token = start + i;
  const { line } = snapshot.source.placeAt(snapshot.encoding.starts[token]);
  return {
    ...contextOf(snapshot, token),
    ...{ activation: values[i], token, source: t('line {0}', line + 1) },
  };
}

function contextOf(snapshot: Snapshot, token: number) {
  // The other parts of its character do not stand beside it.
  const { first, after } = tokensOfCharacter(snapshot.encoding, Math.max(0, token));
  return {
    before: stretchText(snapshot, first - CONTEXT.before, token < 0 ? token : first),
    text: tokenText(snapshot, token),
    after: stretchText(snapshot, after, after + CONTEXT.after),
  };
}
