/**
 * Why the model expects a token, in three to six sentences: each says what was measured of the
 * prediction's circuit, and its number.
 */
import type { CircuitEdge, CircuitNode, TokenCircuit } from '../../circuits/token/circuit';
import type { Head } from '../../circuits/token/attention';
import type { TransformerConfig } from '../../transformer/config';
import { describeNode, parseNode } from '../../transformer/nodes';
import {
  listed,
  say,
  sayMany,
  shareText,
  signedText,
  type Clause,
  type NodeMention,
  type Piece,
  type Sentence,
} from './sentence';

/** A prediction with its circuit, whose effects are measured. */
export interface ToldPrediction {
  readonly config: TransformerConfig;
  readonly circuit: TokenCircuit;
  /** Of the token after the position (nats), [vocab]. */
  readonly logprobs: Float32Array;
  /** A token id. */
  readonly tokenOf: (id: number) => Piece;
  /** The token at an index of the text. */
  readonly tokenAt: (token: number) => Piece;
  /** What such an activation of a node tells; null without an accepted label. */
  readonly labelOf: (node: string, activation: number) => string | null;
  /** What such an activation is about by the node's weights; null where they name no token. */
  readonly aboutOf: (node: string, activation: number) => Clause | null;
  /** Attention of a head at a token: of the sink, then of every token of the window up to it. */
  readonly attentionAt: (head: Head, token: number) => Float64Array;
}

/** Effects (nats) from which a node counts as one that matters. */
const MATTERS = 0.1;
/** Nodes that are named as what the prediction rests on. */
const NAMED = 3;
/** Sentences at least. */
const FEWEST = 3;
/** Other tokens that are named beside the one that is explained. */
const OTHERS = 2;

/** The sentences, most important first. */
export function tellPrediction(told: ToldPrediction): Sentence[] {
  const sentences = [expectation(told), table(told), supports(told)];
  const [first] = supporting(told.circuit);
  if (first) sentences.push(sourceOf(told, first));
  sentences.push(attention(told), against(told));
  const found = sentences.filter((sentence) => sentence.length > 0);
  if (found.length < FEWEST) found.splice(1, 0, uncertainty(told));
  return found;
}

/** How sure the model is: the entropy of what it predicts. */
function uncertainty({ logprobs }: ToldPrediction): Sentence {
  const entropy = logprobs.reduce((sum, logprob) => sum - Math.exp(logprob) * logprob, 0);
  return [
    say(
      'The prediction has an entropy of {0} nats: as uncertain as a uniform choice among {1} tokens.',
      entropy.toFixed(2),
      Math.exp(entropy).toFixed(1),
    ),
  ];
}

/** How likely the token is, and what else is. */
function expectation({ circuit, logprobs, tokenOf, tokenAt }: ToldPrediction): Sentence {
  const { position, target } = circuit;
  const where: Piece =
    position < 0
      ? say('At the start of the text the model')
      : say('After {0} the model', tokenAt(position));
  const share = (id: number) => shareText(Math.exp(logprobs[id]));
  const nats = signedText(circuit.value);
  const own = [tokenOf(target.id), share(target.id)];
  if (target.contrast !== null) {
    const other = [tokenOf(target.contrast), share(target.contrast)];
    return [say('{0} gives {1} {2} and {3} {4}, a difference of {5} nats.', where, ...own, ...other, nats)]; // prettier-ignore
  }
  const order = Array.from(logprobs.keys()).sort((a, b) => logprobs[b] - logprobs[a]);
  const others = order
    .filter((id) => id !== target.id)
    .slice(0, OTHERS)
    .map((id) => say('{0} gets {1}', tokenOf(id), share(id)));
  const rank = order.indexOf(target.id) + 1;
  const place = rank === 1 ? say('its top prediction') : say('rank {0}', String(rank));
  return [say('{0} gives {1} {2} ({3} nats), {4}; {5}.', where, ...own, nats, place, listed(others))]; // prettier-ignore
}

/** What the bigram table alone says, where the model has one. */
function table({ circuit, tokenAt }: ToldPrediction): Sentence {
  const { outputs, position } = circuit;
  const edge = circuit.edges.find(({ from, to }) => from === 'bigram' && to === outputs[0].node);
  if (!edge) return [];
  const { contribution } = edge;
  const seen = position < 0 ? say('no token') : tokenAt(position);
  const nats = Math.abs(contribution).toFixed(2);
  return [
    contribution < 0
      ? say(
          'The bigram table, which sees only {0}, lowers its logit by {1} nats relative to the mean of all tokens.',
          seen,
          nats,
        )
      : say(
          'The bigram table, which sees only {0}, raises its logit by {1} nats relative to the mean of all tokens.',
          seen,
          nats,
        ),
  ];
}

/** Nodes whose ablation lowers the target, most first. */
function supporting({ nodes }: TokenCircuit): CircuitNode[] {
  return nodes
    .filter(({ effect }) => effect !== null && effect < 0)
    .sort((a, b) => a.effect! - b.effect!);
}

/** The nodes that it rests on. */
function supports(told: ToldPrediction): Sentence {
  const { circuit, config } = told;
  const measured = circuit.nodes.filter(({ effect }) => effect !== null);
  const all = measured.length + circuit.hidden.measured;
  const many = measured.filter(({ effect }) => Math.abs(effect!) >= MATTERS).length;
  const numbers = [String(many), String(MATTERS)];
  // No weight joins a sink or a slope to another node: a circuit is drawn without them.
  const counted =
    config.sinks || config.recency
      ? sayMany(
          all,
          'Of {0} node ablated, not counting sinks and slopes of heads, {1} change it by {2} nats or more',
          'Of {0} nodes ablated one at a time, not counting sinks and slopes of heads, {1} change it by {2} nats or more',
          ...numbers,
        )
      : sayMany(
          all,
          'Of {0} node ablated, {1} change it by {2} nats or more',
          'Of {0} nodes ablated one at a time, {1} change it by {2} nats or more',
          ...numbers,
        );
  const named = supporting(circuit).slice(0, NAMED);
  if (named.length === 0) return [say('{0}, and it depends on none of them.', counted)];
  const items = named.map(
    (node) =>
    say('{0} ({1} nats without it)', at(told, mentionOf(told, node), node.token), signedText(node.effect!)), // prettier-ignore
  );
  return [say('{0}; it depends most on {1}.', counted, listed(items))];
}

/** What gives a node its activation. */
function sourceOf(told: ToldPrediction, node: CircuitNode): Sentence {
  const into = told.circuit.edges.filter(
    ({ to, toToken, contribution, kind }) =>
      to === node.node &&
      toToken === node.token &&
      // Of queries and keys only the first order is known.
      (kind === 'weight' || kind === 'residual' || kind === 'attention') &&
      contribution * node.activation > 0,
  );
  into.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const [edge] = into;
  if (!edge) return [];
  return [
    say(
      '{0} is {1} there, driven most within the circuit by {2} ({3}).',
      mentionOf(told, node),
      signedText(node.activation),
      source(told, edge),
      signedText(edge.contribution),
    ),
  ];
}

function source(told: ToldPrediction, edge: CircuitEdge): Piece {
  const { from, fromToken } = edge;
  if (from === 'embed') {
    return say('the token {0} itself', told.tokenAt(fromToken));
  }
  const node = told.circuit.nodes.find((one) => one.node === from && one.token === fromToken)!;
  return at(told, mentionOf(told, node), fromToken);
}

/** The head that brings most to a node that matters, and from where. */
function attention(told: ToldPrediction): Sentence {
  const { circuit, config } = told;
  const nodes = new Map(circuit.nodes.map((one) => [`${one.node}@${one.token}`, one]));
  let best: { edge: CircuitEdge; worth: number } | null = null;
  for (const edge of circuit.edges) {
    if (edge.kind !== 'attention' || edge.fromToken === edge.toToken) continue;
    const to = nodes.get(`${edge.to}@${edge.toToken}`);
    if (!to?.effect || to.activation === 0) continue;
    const share = Math.min(1, Math.abs(edge.contribution / to.activation));
    const worth = Math.abs(to.effect) * share;
    if (worth > (best?.worth ?? 0)) best = { edge, worth };
  }
  if (!best) return [];
  const { from, fromToken, to, toToken, contribution } = best.edge;
  const { layer, index } = parseNode(from, config);
  const head = Math.floor(index / config.dHead);
  const shares = told.attentionAt({ layer, head }, toToken);
  const share = shareText(shares[1 + fromToken - circuit.window.start]);
  const given = config.sinks
    ? say('{0} of its attention, {1} to its sink', share, shareText(shares[0]))
    : say('{0} of its attention', share);
  const who = say('Head {0} of layer {1}', String(head), String(layer));
  return [
    sayMany(
      toToken - fromToken,
      '{1} attends to {2} {0} token back, with {3}, and moves {4} into {5} ({6}).',
      '{1} attends to {2} {0} tokens back, with {3}, and moves {4} into {5} ({6}).',
      at(told, who, toToken),
      told.tokenAt(fromToken),
      given,
      mentionOf(told, nodes.get(`${from}@${fromToken}`)!),
      mentionOf(told, nodes.get(`${to}@${toToken}`)!),
      signedText(contribution),
    ),
  ];
}

/** The node that speaks most for something else. */
function against(told: ToldPrediction): Sentence {
  const [worst] = told.circuit.nodes
    .filter(({ effect }) => effect !== null && effect >= MATTERS)
    .sort((a, b) => b.effect! - a.effect!);
  if (!worst) return [];
  return [
    say(
      'Of these, {0} opposes it most: without it the log-probability rises by {1} nats.',
      at(told, mentionOf(told, worst), worst.token),
      worst.effect!.toFixed(2),
    ),
  ];
}

function mentionOf({ config, labelOf, aboutOf }: ToldPrediction, one: CircuitNode): NodeMention {
  const { node, token, activation } = one;
  const text = describeNode(parseNode(node, config), config);
  const label = labelOf(node, activation);
  return { node, token, text, label, about: label === null ? aboutOf(node, activation) : null };
}

/** Something, with where it is unless that is where the prediction is made. */
function at({ circuit, tokenAt }: ToldPrediction, what: Piece, token: number): Piece {
  if (token === circuit.position) return what;
  if (token < 0) return say('{0} at the start of the text', what);
  return say('{0} at {1}', what, tokenAt(token));
}
