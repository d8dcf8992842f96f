/** Reads a node at a token for its card. */
import { t } from '../../shared/l10n';
import type { Intervention } from '../../models/inference/interventions';
import { parseNode } from '../../models/transformer/nodes';
import type { Card, Vertex } from '../../webview/protocol';
import { namesOf } from '../nodes/names';
import { cardView } from './cardView';
import { activationIn } from './now';
import type { SessionParts } from './parts';
import { valueOf, type Current } from './subject';

/** Tokens before and after the token along which the card shows activations. */
const REACH = 384;

/**
 * The card of a node at a token: everything in it is of that token, in the reader's window.
 * @param on ablations that act on the prediction
 * @throws when the model has no such node, or the prediction does not read the token
 */
export async function readCard(
  { traces, source, labels, meanings }: SessionParts,
  current: Current,
  { node, token }: Vertex,
  on: readonly Intervention[],
  signal: AbortSignal,
): Promise<Card> {
  const { question, target, kind, circuit } = current;
  const { snapshot, reader } = question;
  const { config } = snapshot.info;
  const id = parseNode(node, config);
  const before = await source.whole(question, [], signal);
  if (token < before.window.start || token > reader) {
    throw new Error(t('token {0} is not read at token {1}; choose one before it', token, reader));
  }
  const after = on.length === 0 ? before : await source.whole(question, on, signal);
  const effect = async () => {
    const ablated: Intervention = { nodes: [node], positions: { at: token }, kind };
    const { logprobs } = await traces.trace(
      { snapshot, token: reader, interventions: [ablated] },
      signal,
    );
    return valueOf(target, logprobs) - valueOf(target, before.logprobs);
  };
  // Effects of a task's circuit are of ablating at every token.
  const known = current.drawn ? null : circuit;
  const measured = known?.nodes.find((one) => one.node === node && one.token === token)?.effect;
  const range = {
    start: Math.max(0, token - REACH),
    end: Math.min(snapshot.encoding.ids.length, token + REACH),
  };
  const reading = {
    ...{ node, token, kind },
    activation: activationIn(before, id, token, config) ?? 0,
    now: activationIn(after, id, token, config) ?? 0,
    effect: measured ?? (await effect()),
    scan: await traces.activations(snapshot, node, range, [], signal),
    activationOf: (one: typeof id) => activationIn(before, one, token, config) ?? 0,
    names: await namesOf({ labels, meanings }, snapshot.info),
  };
  return cardView(question, reading, await source.facts(question, node, signal));
}
