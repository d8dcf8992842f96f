/** A task's circuit told layer by layer: sentences that say what was measured, and nothing else. */
import { edgeCount, proofsOf, type Circuit } from '../../circuits/circuitFile';
import type { ModelEdges } from '../../circuits/edges';
import { judge } from '../../circuits/proof/criteria';
import { isCausal, labelText, type Label, type Labels } from '../../bundles/labels';
import { FINAL_SITE, SITES, siteWidth, type LayerSite } from '../../transformer/config';
import { describeNode, nodeName, parseNode, siteName, type NodeId } from '../../transformer/nodes';
import { pushes, type Push } from './answers';
import { drawCircuit, type CircuitDrawing, type DrawnNode } from './drawing';
import { headsOf, readHead, type HeadReading } from './heads';
import { contrastOf, type Contrast, type PairReading } from './readings';
import {
  listed,
  plain,
  say,
  sayMany,
  shareText,
  signedText,
  type Piece,
  type Sentence,
} from './sentence';
import { wiringOf, type Wire, type Wiring } from './wiring';

/** A circuit and what it was measured on. */
export interface ToldCircuit {
  /** Of the task, or the file of pairs. */
  readonly name: string;
  readonly description: string | null;
  readonly circuit: Circuit;
  readonly model: ModelEdges;
  readonly labels: Labels | null;
  /** Text of a token id. */
  readonly textOf: (id: number) => string;
  readonly pairs: readonly PairReading[];
}

/** A node of the story. */
export interface NodeStory {
  readonly node: string;
  readonly sentences: readonly Sentence[];
}

/** A part of a layer. */
export interface StoryPart {
  readonly title: Sentence;
  readonly sentences: readonly Sentence[];
  readonly nodes: readonly NodeStory[];
}

export interface CircuitStory {
  readonly name: string;
  readonly description: string | null;
  readonly bundle: { readonly name: string; readonly hash: string };
  readonly pairs: number;
  /** What is said of the whole. */
  readonly summary: readonly Sentence[];
  readonly parts: readonly StoryPart[];
  /** What of it says most to the answers. */
  readonly drawing: CircuitDrawing;
  /** The two answers where they are the same for all pairs: `\`]]\` or \`]\``. */
  readonly answers: string;
}

/** Headings of a picture's columns. */
const SITE_WORDS: Record<LayerSite, string> = {
  'attn.act_in': 'attention reads',
  'attn.q': 'queries',
  'attn.k': 'keys',
  'attn.v': 'values',
  'attn.resid_delta': 'attention writes',
  'mlp.act_in': 'MLP reads',
  'mlp.post_act': 'neurons',
  'mlp.resid_delta': 'MLP writes',
};
/** A node whose sides differ by less than this share of its size is said to be the same in both. */
const SAME = 0.1;
/** Feeds, channels and writes that are named. */
const NAMED = 4;
/** Nodes of a part that are told one by one. */
const MOST_NODES = 120;

/** Tells a circuit. */
export function tellCircuit(told: ToldCircuit): CircuitStory {
  const { name, description, circuit, model, pairs } = told;
  const { config } = model;
  const wiring = wiringOf(model, circuit);
  const nodes = circuit.core.map((node) => parseNode(node, config));
  const reader = new Reader(told, wiring);
  const said = pushes(model, nodes, pairs);
  const parts: StoryPart[] = [];
  for (let layer = 0; layer < config.layers; layer++) {
    for (const side of ['attn', 'mlp'] as const) {
      const own = nodes.filter((one) => one.layer === layer && one.site.startsWith(side));
      if (own.length === 0) continue;
      const sentences = side === 'attn' ? reader.heads(layer, own) : [];
      parts.push({
        title: [side === 'attn' ? say('Layer {0}, attention', `${layer}`) : say('Layer {0}, MLP', `${layer}`)], // prettier-ignore
        sentences,
        nodes: own.slice(0, MOST_NODES).map((node) => reader.node(node)),
      });
    }
  }
  const final = nodes.filter(({ site }) => site === FINAL_SITE);
  if (final.length > 0) {
    const told = final.slice(0, MOST_NODES).map((node) => reader.node(node));
    parts.push({ title: [say('Final residual stream')], sentences: [], nodes: told });
  }
  return {
    ...{ name, description, bundle: circuit.bundle, pairs: pairs.length, parts },
    summary: [size(circuit, wiring), labelled(told), verdict(circuit), reader.answers(said)].filter((sentence) => sentence.length > 0), // prettier-ignore
    drawing: drawCircuit(said, wiring, (node) => reader.drawn(node)),
    answers: answersText(told),
  };
}

/** The two answers, where they are the same for all pairs. */
function answersText({ pairs, textOf }: ToldCircuit): string {
  const [{ prompt }] = pairs[0];
  return constantAnswers(pairs)
    ? `${textOf(prompt.first)} or ${textOf(prompt.second)}`
    : 'side a or side b';
}

const constantAnswers = (pairs: readonly PairReading[]): boolean =>
  pairs.every(
    ([{ prompt }]) =>
      prompt.first === pairs[0][0].prompt.first && prompt.second === pairs[0][0].prompt.second,
  );

/** How many edges touch the nodes, and how many the circuit uses. */
function size(circuit: Circuit, { touching, joining }: Wiring): Sentence {
  const { core, backups } = circuit;
  const kept = edgeCount(circuit);
  return [
    sayMany(
      core.length,
      'Its {0} node touches {1} nonzero weights of the model; {2} of them join two of the nodes, and the circuit uses {3}.',
      'Its {0} nodes touch {1} nonzero weights of the model; {2} of them join two of the nodes, and the circuit uses {3}.',
      ...[touching, joining, kept].map(String),
    ),
    ...(backups.length > 0
      ? [
          ' ',
          sayMany(
            backups.length,
            'Beside it stands {0} backup: without it the rest of the model would do the task another way.',
            'Beside it stand {0} backups: without them the rest of the model would do the task another way.',
          ),
        ]
      : []),
  ];
}

function labelled({ circuit, labels }: ToldCircuit): Sentence {
  if (!labels) {
    return [say('The bundle has no labels, so that no node is named by what it detects.')];
  }
  const some = circuit.core.filter((node) => Object.hasOwn(labels.nodes, node)).length;
  return [say('{0} of its {1} nodes have an accepted label.', `${some}`, `${circuit.core.length}`)];
}

function verdict(circuit: Circuit): Sentence {
  const proofs = proofsOf(circuit);
  return [proofs.length > 0 ? say('Proof: {0}', judge(proofs).words) : say('It is not proven: no verdict is kept.')]; // prettier-ignore
}

/** Tells nodes and heads by what was measured on the pairs. */
class Reader {
  private readonly contrasts = new Map<string, Contrast>();

  constructor(
    private readonly told: ToldCircuit,
    private readonly wiring: Wiring,
  ) {}

  node(node: NodeId): NodeStory {
    const name = nodeName(node);
    const sentences = [
      this.detects(this.label(name)),
      this.measured(this.contrast(name)),
      this.fed(name),
    ];
    return { node: name, sentences: sentences.filter((sentence) => sentence.length > 0) };
  }

  /** What attention looks for and moves, a sentence or two a head. */
  heads(layer: number, nodes: readonly NodeId[]): Sentence[] {
    const { model, pairs } = this.told;
    const writes = nodes.filter(({ site }) => site === 'attn.resid_delta');
    const channels = writes.map(({ index }) => index);
    return headsOf(nodes, model.config.dHead).map((head) =>
      this.head(readHead(model, head, pairs, channels), layer),
    );
  }

  /** What the writes say to the answers. */
  answers(found: readonly Push[]): Sentence {
    if (found.length === 0) return [];
    const sum = found.reduce((total, { nats }) => total + nats, 0);
    const named = found
      .slice(0, NAMED)
      .map(({ node, nats }) => say('{0} ({1})', this.mention(node), signedText(nats)));
    return [
      say(
        'Straight through the residual stream its writes favour the right answer by {0} nats on average, {1} most.',
        signedText(sum),
        listed(named),
      ),
    ];
  }

  private head(head: HeadReading, layer: number): Sentence {
    const { last, from, to, prompts, share, sink, sinkLogit, score, byNodes, recency, slope } =
      head;
    const { textOf, model } = this.told;
    const index = (channel: number) => head.head * model.config.dHead + channel;
    const channel = ({ channel, product }: HeadReading['channels'][number]): Piece =>
      say(
        '{0} × {1} {2}',
        this.mention(nodeName({ layer, site: 'attn.q', index: index(channel) }), head.q.includes(channel)), // prettier-ignore
        this.mention(nodeName({ layer, site: 'attn.k', index: index(channel) }), head.k.includes(channel)), // prettier-ignore
        signedText(product),
      );
    const strongest = [...head.channels].sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
    const named = strongest.slice(0, NAMED).map(channel);
    const moved = head.v
      .slice(0, NAMED)
      .map((c) => this.mention(nodeName({ layer, site: 'attn.v', index: index(c) })));
    const where =
      last > prompts / 2
        ? say('the last token ({0} of {1} prompts)', `${last}`, `${prompts}`)
        : say('{0} ({1} of {2} prompts)', { code: textOf(from.id) }, `${from.count}`, `${prompts}`);
    const keys = to.map(({ id, count }) =>
      say('{0} ({1} of {2})', { code: textOf(id) }, `${count}`, `${prompts}`),
    );
    return [
      say(
        'Head {0}, from {1}, looks most often at {2}: {3} of its attention goes to the token it likes best{4}{5}.',
        `${head.head}`,
        where,
        listed(keys),
        shareText(share),
        sinkLogit === null ? '' : say(', {0} to its sink (logit {1})', shareText(sink), signedText(sinkLogit)), // prettier-ignore
        recency === 0
          ? ''
          : say(
              '; distance changes its score by {0} nats, {1} a token',
              signedText(recency),
              signedText(-slope),
            ),
      ),
      ...(named.length === 0
        ? []
        : [
            ' ',
            say(
              'Of its score of {0} nats the circuit’s channels make {1}: {2}.',
              signedText(score),
              signedText(byNodes),
              listed(named),
            ),
          ]),
      ...(moved.length === 0
        ? []
        : [' ', say('It moves {0}.', someOf(moved, head.v.length - moved.length))]),
    ];
  }

  private detects(label: Label | null): Sentence {
    const { labels } = this.told;
    if (!labels || !label) return [say('No label was accepted.')];
    const { auroc, f1, causal } = label;
    const scores = [auroc.toFixed(2), f1.toFixed(2)];
    const text = labelText(labels, label);
    if (causal === null) {
      return [say('Detects {0} (AUROC {1}, F1 {2}; not tested by ablation).', text, ...scores)];
    }
    const nats = [signedText(causal.where), signedText(causal.elsewhere)];
    return [
      isCausal(label)
        ? say(
            'Detects {0} (AUROC {1}, F1 {2}; ablated, the loss changes by {3} nats where it holds and {4} elsewhere).',
            ...[text, ...scores, ...nats],
          )
        : say(
            'Detects {0} (AUROC {1}, F1 {2}; ablated, the loss changes by {3} nats where it holds and {4} elsewhere, which confirms nothing).',
            ...[text, ...scores, ...nats],
          ),
    ];
  }

  private measured({ a, b, tokens, last }: Contrast): Sentence {
    const { pairs, textOf } = this.told;
    const same = Math.abs(a - b) < SAME * Math.max(Math.abs(a), Math.abs(b));
    if (same) return [say('On the pairs it is {0}, much the same on both sides.', signedText(a))];
    const [{ prompt }] = pairs[0];
    const constant = constantAnswers(pairs);
    const side = (id: number, name: string): Piece =>
      constant ? say('where the answer is {0}', { code: textOf(id) }) : say('on side {0}', name);
    const where: Piece =
      tokens.a === tokens.b
        ? { code: textOf(tokens.a) }
        : say('{0} / {1}', { code: textOf(tokens.a) }, { code: textOf(tokens.b) });
    return [
      say(
        'It is {0} {1} and {2} {3}, most often at {4} ({5} of {6} pairs; the last token in {7}).',
        ...[signedText(a), side(prompt.first, 'a'), signedText(b), side(prompt.second, 'b')],
        ...[where, ...[tokens.pairs, pairs.length, last].map(String)],
      ),
    ];
  }

  private fed(name: string): Sentence {
    const feeds = this.wiring.feeds.get(name)!;
    const degrees = this.wiring.degrees.get(name)!;
    const used: Piece[] =
      degrees.model > 0
        ? [
            sayMany(
              degrees.model,
              'Of its {0} weight the circuit uses {1}.',
              'Of its {0} weights the circuit uses {1}.',
              `${degrees.kept}`,
            ),
          ]
        : [];
    const end = [...used, ...this.bias(name)];
    if (feeds.length === 0) return end;
    const item = ({ node, weight }: Wire): Piece =>
      weight === null
        ? this.mention(node)
        : say('{0} (× {1})', this.mention(node), signedText(weight));
    const named = feeds.slice(0, NAMED).map(item);
    return [say('Fed by {0}.', someOf(named, feeds.length - named.length)), ' ', ...end];
  }

  /** A neuron's bias, where it has one. */
  private bias(name: string): Piece[] {
    const { model } = this.told;
    const { layer, site, index } = parseNode(name, model.config);
    if (site !== 'mlp.post_act') return [];
    const bias = model.weights.get(`layers.${layer}.mlp.in.bias`)?.[index] ?? 0;
    return bias === 0 ? [] : [' ', say('Its bias is {0}.', signedText(bias))];
  }

  /** What a picture shows of a node. */
  drawn(name: string): Omit<DrawnNode, 'node'> {
    const { config } = this.told.model;
    const { layer, site, index } = parseNode(name, config);
    const { labels } = this.told;
    const label = this.label(name);
    const { a, b } = this.contrast(name);
    return {
      text: describeNode({ layer, site, index }, config),
      label: labels && label && labelText(labels, label),
      ...(site === FINAL_SITE
        ? { column: config.layers * SITES.length, columnName: 'end of the stream' }
        : {
            column: layer * SITES.length + SITES.indexOf(site),
            columnName: `L${layer} ${SITE_WORDS[site]}`,
          }),
      ...{ a, b },
    };
  }

  /** What a node does on the pairs; worked out once. */
  private contrast(name: string): Contrast {
    const known = this.contrasts.get(name);
    if (known) return known;
    const { model, pairs } = this.told;
    const { layer, site, index } = parseNode(name, model.config);
    const width = siteWidth(model.config, site);
    const found = contrastOf(pairs, siteName(layer, site), index, width);
    this.contrasts.set(name, found);
    return found;
  }

  /** The label of a node for the sign that it has on the pairs, where it is larger. */
  private label(name: string): Label | null {
    const { a, b } = this.contrast(name);
    const sign = (Math.abs(a) > Math.abs(b) ? a : b) < 0 ? 'negative' : 'positive';
    return this.told.labels?.nodes[name]?.[sign] ?? null;
  }

  /** A node with its label; one that is no node of the circuit is only named. */
  private mention(name: string, inCircuit = true): Piece {
    const { labels, model } = this.told;
    const text = describeNode(parseNode(name, model.config), model.config);
    if (!inCircuit) return text;
    const label = this.label(name);
    return { node: name, token: null, text, label: labels && label && labelText(labels, label) };
  }
}

/** Pieces of a list that may go on. */
function someOf(pieces: readonly Piece[], others: number): Piece {
  return others > 0 ? say('{0} and {1} more', listed(pieces), `${others}`) : listed(pieces);
}

/** A story as it is printed as JSON: in English, sentences as words, tokens' texts and nodes. */
export function storyJson({ summary, parts, ...about }: CircuitStory) {
  const all = (sentences: readonly Sentence[]) => sentences.map((sentence) => plain(sentence));
  return {
    ...about,
    summary: all(summary),
    parts: parts.map(({ title, sentences, nodes }) => ({
      title: plain(title).join(''),
      sentences: all(sentences),
      nodes: nodes.map(({ node, sentences: own }) => ({ node, sentences: all(own) })),
    })),
  };
}
