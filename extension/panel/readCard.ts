/** Reads a node for its card. */
import { parseNode, siteName } from '../../models/transformer/nodes';
import type { Card } from '../../webview/protocol';
import type { TokenTrace } from '../trace/tokenTrace';
import { cardView } from './cardView';
import type { SessionParts } from './answers';
import type { Current } from './session';

/** Tokens before and after the reader along which the card shows activations. */
const REACH = 384;

/**
 * The card of a node.
 * @throws when the model has no such node
 */
export async function readCard(
  { traces, store, source }: SessionParts,
  current: Current,
  node: string,
  signal: AbortSignal,
): Promise<Card> {
  const { snapshot, reader } = current.question;
  const { config } = snapshot.info;
  const { layer, site, index } = parseNode(node, config);
  const valueIn = ({ sites }: TokenTrace) => {
    const own = sites.find((one) => one.site === siteName(layer, site));
    const at = own?.indices.indexOf(index) ?? -1;
    return at < 0 ? 0 : own!.values[at];
  };
  const at = { snapshot, token: reader };
  const interventions = store.active(snapshot);
  const before = await traces.trace({ ...at, interventions: [] }, signal);
  const activation = valueIn(before);
  const now = valueIn(await traces.trace({ ...at, interventions }, signal));
  const range = {
    start: Math.max(0, reader - REACH),
    end: Math.min(snapshot.encoding.ids.length, reader + REACH),
  };
  const scan = await traces.activations(snapshot, node, range, [], signal);
  const known = await source.knowledge(current.question, node, before, signal);
  return cardView(current, { node, scan, activation, now }, known);
}
