/** A task's circuit told layer by layer: sentences that say what was measured, and nothing else. */
import { edgeCount, type Circuit } from '../../circuits/circuitFile';
import type { ModelEdges } from '../../circuits/edges';
import { judge } from '../../circuits/proof/criteria';
import { isCausal, labelText, type Label, type Labels } from '../../bundles/labels';
import { FINAL_SITE, siteWidth } from '../../transformer/config';
import { describeNode, nodeName, parseNode, siteName, type NodeId } from '../../transformer/nodes';
import { pushes } from './answers';
import { headsOf, readHead, type HeadReading } from './heads';
import { contrastOf, type Contrast, type PairReading } from './readings';
import { countText, listed, shareText, signedText, type Piece, type Sentence } from './sentence';
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
  readonly title: string;
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
}

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
  const parts: StoryPart[] = [];
  for (let layer = 0; layer < config.layers; layer++) {
    for (const side of ['attn', 'mlp'] as const) {
      const own = nodes.filter((one) => one.layer === layer && one.site.startsWith(side));
      if (own.length === 0) continue;
      const sentences = side === 'attn' ? reader.heads(layer, own) : [];
      parts.push({
        title: `Layer ${layer}, ${side === 'attn' ? 'attention' : 'MLP'}`,
        sentences,
        nodes: own.slice(0, MOST_NODES).map((node) => reader.node(node)),
      });
    }
  }
  const final = nodes.filter(({ site }) => site === FINAL_SITE);
  if (final.length > 0) {
    const told = final.slice(0, MOST_NODES).map((node) => reader.node(node));
    parts.push({ title: 'Final residual stream', sentences: [], nodes: told });
  }
  return {
    ...{ name, description, bundle: circuit.bundle, pairs: pairs.length, parts },
    summary: [size(circuit, wiring), labelled(told), verdict(circuit), reader.answers(nodes)].filter((sentence) => sentence.length > 0), // prettier-ignore
  };
}

/** How many edges touch the nodes, and how many the circuit uses. */
function size(circuit: Circuit, { touching, joining }: Wiring): Sentence {
  const { core, backups } = circuit;
  const kept = edgeCount(circuit);
  return [
    `Its ${countText(core.length, 'node')} touch ${countText(touching, 'nonzero weight')} of the model; ${joining} of them join two of the nodes, and the circuit uses ${kept}.`,
    backups.length > 0
      ? ` Beside it stand ${countText(backups.length, 'backup')}: without them the rest of the model would do the task another way.`
      : '',
  ];
}

function labelled({ circuit, labels }: ToldCircuit): Sentence {
  if (!labels) return ['The bundle has no labels, so that no node is named by what it detects.'];
  const some = circuit.core.filter((node) => Object.hasOwn(labels.nodes, node)).length;
  return [`${some} of its ${countText(circuit.core.length, 'node')} have an accepted label.`];
}

function verdict({ proof }: Circuit): Sentence {
  return proof ? [`Proof: ${judge(proof).words}`] : ['It is not proven: no verdict is kept.'];
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
  answers(nodes: readonly NodeId[]): Sentence {
    const found = pushes(this.told.model, nodes, this.told.pairs);
    if (found.length === 0) return [];
    const sum = found.reduce((total, { nats }) => total + nats, 0);
    const named = found
      .slice(0, NAMED)
      .map(({ node, nats }) => [this.mention(node), ` (${signedText(nats)})`]);
    return [
      `Straight through the residual stream its writes favour the right answer by ${signedText(sum)} nats on average, `,
      ...listed(named),
      ' most.',
    ];
  }

  private head(head: HeadReading, layer: number): Sentence {
    const { last, from, to, prompts, share, sink, sinkLogit, score, byNodes, recency } = head;
    const { textOf, model } = this.told;
    const index = (channel: number) => head.head * model.config.dHead + channel;
    const channel = ({ channel, product }: HeadReading['channels'][number]): Sentence => [
      this.mention(nodeName({ layer, site: 'attn.q', index: index(channel) }), head.q.includes(channel)), // prettier-ignore
      ' × ',
      this.mention(nodeName({ layer, site: 'attn.k', index: index(channel) }), head.k.includes(channel)), // prettier-ignore
      ` ${signedText(product)}`,
    ];
    const strongest = [...head.channels].sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
    const named = strongest.slice(0, NAMED);
    const most: Piece[] =
      named.length === 0
        ? []
        : [
            ` Of its score of ${signedText(score)} nats the circuit's channels make ${signedText(byNodes)}: `,
            ...listed(named.map(channel)),
            '.',
          ];
    const moved = head.v
      .slice(0, NAMED)
      .map((c) => [this.mention(nodeName({ layer, site: 'attn.v', index: index(c) }))]);
    const other = head.v.length - moved.length;
    const where: Piece[] =
      last > prompts / 2
        ? [`the last token (${last} of ${prompts} prompts)`]
        : [{ code: textOf(from.id) }, ` (${from.count} of ${prompts} prompts)`];
    const keys = to.map(({ id, count }) => [{ code: textOf(id) }, ` (${count} of ${prompts})`]);
    return [
      `Head ${head.head}, from `,
      ...where,
      ', looks most often at ',
      ...listed(keys),
      `: ${shareText(share)} of its attention goes to the token it likes best`,
      sinkLogit === null ? '' : `, ${shareText(sink)} to its sink (logit ${signedText(sinkLogit)})`,
      recency === 0 ? '.' : `; distance takes ${signedText(recency)} nats off.`,
      ...most,
      ...(moved.length === 0
        ? []
        : [' It moves ', ...listed(moved), other > 0 ? ` and ${other} more.` : '.']),
    ];
  }

  private detects(label: Label | null): Sentence {
    const { labels } = this.told;
    if (!labels || !label) return ['No label was accepted.'];
    const { auroc, f1, causal } = label;
    const scores = `AUROC ${auroc.toFixed(2)}, F1 ${f1.toFixed(2)}`;
    const ablated =
      causal === null
        ? 'not tested by ablation'
        : `ablated, the loss changes by ${signedText(causal.where)} nats where it holds and ${signedText(causal.elsewhere)} elsewhere${isCausal(label) ? '' : ', which confirms nothing'}`;
    return [`Detects ${labelText(labels, label)} (${scores}; ${ablated}).`];
  }

  private measured({ a, b, tokens, last }: Contrast): Sentence {
    const { pairs, textOf } = this.told;
    const same = Math.abs(a - b) < SAME * Math.max(Math.abs(a), Math.abs(b));
    if (same) return [`On the pairs it is ${signedText(a)}, much the same on both sides.`];
    const [{ prompt }] = pairs[0];
    const constant = pairs.every(
      ([one]) => one.prompt.first === prompt.first && one.prompt.second === prompt.second,
    );
    const side = (id: number, name: string): Piece[] =>
      constant ? ['where the answer is ', { code: textOf(id) }] : [`on side ${name}`];
    const where: Piece[] =
      tokens.a === tokens.b
        ? [{ code: textOf(tokens.a) }]
        : [{ code: textOf(tokens.a) }, ' / ', { code: textOf(tokens.b) }];
    return [
      `It is ${signedText(a)} `,
      ...side(prompt.first, 'a'),
      ` and ${signedText(b)} `,
      ...side(prompt.second, 'b'),
      ', most often at ',
      ...where,
      ` (${tokens.pairs} of ${pairs.length} pairs; the last token in ${last}).`,
    ];
  }

  private fed(name: string): Sentence {
    const feeds = this.wiring.feeds.get(name)!;
    const degrees = this.wiring.degrees.get(name)!;
    const used =
      degrees.model > 0 ? `Of its ${countText(degrees.model, 'weight')} the circuit uses ${degrees.kept}.` : ''; // prettier-ignore
    if (feeds.length === 0) return [used];
    const item = ({ node, weight }: Wire): Sentence => [
      this.mention(node),
      weight === null ? '' : ` (× ${signedText(weight)})`,
    ];
    const named = feeds.slice(0, NAMED).map(item);
    const other = feeds.length - named.length;
    return ['Fed by ', ...listed(named), other > 0 ? ` and ${other} more. ` : '. ', used];
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
