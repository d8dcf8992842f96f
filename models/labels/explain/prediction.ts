/**
 * Why the model expects a token, in three to six sentences: each says what was measured of the
 * prediction's circuit, and its number.
 */
import type { CircuitEdge, CircuitNode, TokenCircuit } from '../../circuits/token/circuit';
import type { Head } from '../../circuits/token/attention';
import type { TransformerConfig } from '../../transformer/config';
import { describeNode, parseNode } from '../../transformer/nodes';
import {
  countText,
  listed,
  shareText,
  signedText,
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
  /** Text of a token id. */
  readonly textOf: (id: number) => string;
  /** Token id at an index of the text. */
  readonly idAt: (token: number) => number;
  /** What such an activation of a node tells; null without an accepted label. */
  readonly labelOf: (node: string, activation: number) => string | null;
  /** Attention of a head at a token: of the sink, then of every token of the window up to it. */
  readonly attentionAt: (head: Head, token: number) => Float64Array;
}

/** Effects (nats) from which a node counts as one that matters. */
const MATTERS = 0.1;
/** Nodes that are named as what the prediction rests on. */
const NAMED = 3;
/** Other tokens that are named beside the one that is explained. */
const OTHERS = 2;

/** The sentences, most important first. */
export function tellPrediction(told: ToldPrediction): Sentence[] {
  const sentences = [expectation(told), table(told), supports(told)];
  const [first] = supporting(told.circuit);
  if (first) sentences.push(sourceOf(told, first));
  sentences.push(attention(told), against(told));
  return sentences.filter((sentence) => sentence.length > 0);
}

/** How likely the token is, and what else is. */
function expectation({ circuit, logprobs, textOf, idAt }: ToldPrediction): Sentence {
  const { position, target } = circuit;
  const where: Piece[] =
    position < 0 ? ['At the start of the text'] : ['After ', { code: textOf(idAt(position)) }];
  const share = (id: number) => shareText(Math.exp(logprobs[id]));
  if (target.contrast !== null) {
    const lean = signedText(circuit.value);
    return [
      ...[...where, ' the model gives ', { code: textOf(target.id) }, ` ${share(target.id)} and `],
      ...[{ code: textOf(target.contrast) }, ` ${share(target.contrast)}, ${lean} nats between them.`], // prettier-ignore
    ];
  }
  const order = Array.from(logprobs.keys()).sort((a, b) => logprobs[b] - logprobs[a]);
  const others = order.filter((id) => id !== target.id).slice(0, OTHERS);
  const rank = order.indexOf(target.id) + 1;
  const place = rank === 1 ? 'its first choice' : `choice ${rank}`;
  return [
    ...[...where, ' the model gives ', { code: textOf(target.id) }, ` ${share(target.id)}`],
    ` (${signedText(circuit.value)} nats), ${place}; `,
    ...listed(others.map((id) => [{ code: textOf(id) }, ` gets ${share(id)}`])),
    '.',
  ];
}

/** What the table of token pairs alone says, where the model has one. */
function table({ circuit, textOf, idAt }: ToldPrediction): Sentence {
  const { outputs, position } = circuit;
  const edge = circuit.edges.find(({ from, to }) => from === 'bigram' && to === outputs[0].node);
  if (!edge) return [];
  const { contribution } = edge;
  return [
    'The table of token pairs, which sees ',
    position < 0 ? 'no token' : { code: textOf(idAt(position)) },
    ` alone, ${contribution < 0 ? 'lowers' : 'raises'} its logit by ${Math.abs(contribution).toFixed(2)} nats against the mean of all.`,
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
  const { circuit } = told;
  const measured = circuit.nodes.filter(({ effect }) => effect !== null);
  const all = measured.length + circuit.hidden.measured;
  const many = measured.filter(({ effect }) => Math.abs(effect!) >= MATTERS).length;
  const counted = `Of ${countText(all, 'node')} that were ablated one at a time, ${many} change it by ${MATTERS} nats or more`;
  const named = supporting(circuit).slice(0, NAMED);
  if (named.length === 0) return [`${counted}, and it rests on none of them.`];
  const items = named.map((node) => [
    mentionOf(told, node),
    ...at(told, node.token),
    ` (${signedText(node.effect!)} nats without it)`,
  ]);
  return [`${counted}; it rests most on `, ...listed(items), '.'];
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
    mentionOf(told, node),
    ` is ${signedText(node.activation)} there; its largest input in the circuit is `,
    ...source(told, edge),
    ` (${signedText(edge.contribution)}).`,
  ];
}

function source(told: ToldPrediction, edge: CircuitEdge): Piece[] {
  const { from, fromToken } = edge;
  if (from === 'embed') {
    return ['the token ', { code: told.textOf(told.idAt(fromToken)) }, ' itself'];
  }
  const node = told.circuit.nodes.find((one) => one.node === from && one.token === fromToken)!;
  return [mentionOf(told, node), ...at(told, fromToken)];
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
  const share = shares[1 + fromToken - circuit.window.start];
  const sink = config.sinks ? `, ${shareText(shares[0])} to its sink` : '';
  const back = toToken - fromToken;
  return [
    `Head ${head} of layer ${layer}`,
    ...at(told, toToken),
    ' looks at ',
    { code: told.textOf(told.idAt(fromToken)) },
    ` ${countText(back, 'token')} back, with ${shareText(share)} of its attention${sink}, and moves `,
    mentionOf(told, nodes.get(`${from}@${fromToken}`)!),
    ' into ',
    mentionOf(told, nodes.get(`${to}@${toToken}`)!),
    ` (${signedText(contribution)}).`,
  ];
}

/** The node that speaks most for something else. */
function against(told: ToldPrediction): Sentence {
  const [worst] = told.circuit.nodes
    .filter(({ effect }) => effect !== null && effect >= MATTERS)
    .sort((a, b) => b.effect! - a.effect!);
  if (!worst) return [];
  return [
    'Most against it is ',
    mentionOf(told, worst),
    ...at(told, worst.token),
    `: without it the log-probability rises by ${worst.effect!.toFixed(2)} nats.`,
  ];
}

function mentionOf({ config, labelOf }: ToldPrediction, one: CircuitNode): NodeMention {
  const { node, token, activation } = one;
  const text = describeNode(parseNode(node, config), config);
  return { node, token, text, label: labelOf(node, activation) };
}

/** Where, unless it is where the prediction is made. */
function at({ circuit, textOf, idAt }: ToldPrediction, token: number): Piece[] {
  if (token === circuit.position) return [];
  if (token < 0) return [' at the start of the text'];
  return [' at ', { code: textOf(idAt(token)) }];
}
