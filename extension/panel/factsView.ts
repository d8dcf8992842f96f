/** What the weights say of a node, as its card tells it. */
import { t } from '../../shared/l10n';
import type {
  ExampleGroup as HeldOutGroup,
  Example as HeldOut,
} from '../../models/bundles/examples';
import type { TokenWeight } from '../../models/circuits/token/facts';
import type { Facts, LabelFacts } from '../../models/runtime/facts';
import { nodeName, parseVertex, type NodeId } from '../../models/transformer/nodes';
import type { Card, Example, ExampleGroup, Neighbor } from '../../webview/protocol';
import { nodeLabel } from '../interventions/describe';
import { labelScores } from '../labels/scores';
import { labelIn, type Names } from '../nodes/names';
import type { Snapshot } from '../trace/documents';
import { joinedText, shownIds, shownText } from '../trace/shownToken';
import { idText } from './nodeText';

/** Tokens of context before and after an example. */
export const CONTEXT = { before: 8, after: 5 };

/** What is known of a node without a document. */
type Told = Pick<
  Card,
  | 'mean'
  | 'detects'
  | 'reads'
  | 'writes'
  | 'readCount'
  | 'writeCount'
  | 'promotes'
  | 'suppresses'
  | 'excitedBy'
  | 'inhibitedBy'
  | 'heldOut'
>;

/** Activation of a node at the card's token. */
export type ActivationOf = (node: NodeId) => number;

/** What a node's facts are told beside. */
interface Around {
  readonly snapshot: Snapshot;
  /** Null where nothing is said of what a weight carries. */
  readonly activationOf: ActivationOf | null;
  readonly names: Names;
}

/**
 * The facts in words.
 * @param activation of the node at the card's token
 */
export function factsView(
  facts: Facts,
  snapshot: Snapshot,
  { activation, activationOf, names }: { readonly activation: number; readonly activationOf: ActivationOf; readonly names: Names }, // prettier-ignore
): Told {
  const tokens = (list: readonly TokenWeight[]) =>
    list.map(({ id, weight }) => ({ text: idText(snapshot, id), weight }));
  return {
    mean: facts.mean,
    detects: facts.labels && detected(facts.labels),
    heldOut: {
      positive: heldOutGroups(facts.examples?.positive ?? [], snapshot),
      negative: heldOutGroups(facts.examples?.negative ?? [], snapshot),
      activity: facts.examples?.activity ?? null,
    },
    reads: facts.reads.map((end) => neighbor(end, { snapshot, activationOf, names }, activationOf)),
    // What it pushes a node to, which that node may still be kept from.
    writes: facts.writes.map((end) =>
      neighbor(end, { snapshot, activationOf: null, names }, () => end.weight * activation),
    ),
    readCount: facts.readCount,
    writeCount: facts.writeCount,
    promotes: tokens(facts.promotes),
    suppresses: tokens(facts.suppresses),
    excitedBy: tokens(facts.excitedBy),
    inhibitedBy: tokens(facts.inhibitedBy),
  };
}

/** The labels of both signs, those there are. */
function detected(labels: NonNullable<Facts['labels']>): NonNullable<Card['detects']> {
  const of = (sign: '+' | '−', label: LabelFacts | null) =>
    label ? [{ sign, text: label.text, scores: labelScores(label) }] : [];
  return [...of('+', labels.positive), ...of('−', labels.negative)];
}

function heldOutGroups(groups: readonly HeldOutGroup[], snapshot: Snapshot): ExampleGroup[] {
  return groups.map(({ percentile, examples }) => ({
    percentile,
    examples: examples.map((example) => heldOut(example, snapshot)),
  }));
}

/** An example with what stands around it. */
function heldOut({ activation, tokens, at }: HeldOut, snapshot: Snapshot): Example {
  const shown = shownIds(snapshot.info, tokens);
  const { part } = shown[at];
  const first = at - (part?.index ?? 0);
  const after = first + (part?.count ?? 1);
  const text = (from: number, to: number) => joinedText(shown.slice(Math.max(0, from), to));
  return {
    before: text(first - CONTEXT.before, first),
    text: shownText(shown[at]),
    after: text(after, after + CONTEXT.after),
    ...{ activation, token: null, source: '' },
  };
}

/** The other end of a weight. @param sizeOf what tells the sign of its activation */
function neighbor(
  { node: name, weight }: Facts['reads'][number],
  { snapshot, activationOf, names }: Around,
  sizeOf: (node: NodeId) => number,
): Neighbor {
  const { config } = snapshot.info;
  const vertex = parseVertex(name, config);
  const bare = { node: null, about: null, weight, contribution: null };
  switch (vertex.kind) {
    case 'node': {
      // A write to the residual stream is divided by the stream's size before it is read.
      const plain = activationOf !== null && !vertex.node.site.endsWith('resid_delta');
      const contribution = plain ? weight * activationOf(vertex.node) : null;
      const node = nodeName(vertex.node);
      const about = labelIn(names, node, sizeOf(vertex.node));
      return { node, label: nodeLabel(node, config), about, weight, contribution };
    }
    case 'token':
      return { ...bare, label: idText(snapshot, vertex.index) };
    case 'embed':
      return { ...bare, label: t('embedding {0}', vertex.index) };
    case 'final':
      return { ...bare, label: t('final read {0}', vertex.index) };
    case 'logit':
      return { ...bare, label: t('logit of {0}', idText(snapshot, vertex.index)) };
  }
}
