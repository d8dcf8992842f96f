/** What each node of a circuit detects, is on the pairs, and is fed by. */
import { holdsAtStrongest, isCausal, labelText, type Label } from '../../bundles/labels';
import { FINAL_SITE, isHeadSite, SITES, type LayerSite, type Site } from '../../transformer/config';
import { nodeName, parseNode, type NodeId } from '../../transformer/nodes';
import type { Push } from './answers';
import type { DrawnNode } from './drawing';
import { headsOf, readHead } from './heads';
import { tellHead } from './headStory';
import type { Contrast } from './readings';
import { KnownNodes } from './knownNodes';
import {
  knownOf,
  listed,
  rendered,
  say,
  sayMany,
  signedText,
  sizeText,
  type Piece,
  type Sentence,
} from './sentence';
import { constantAnswers, NAMED, someOf, type ToldCircuit } from './told';
import type { Wire, Wiring } from './wiring';

/** A node of the story. */
export interface NodeStory {
  readonly node: string;
  /** The node with its label, where it is one of many that say nothing: see `isQuiet`. */
  readonly quiet: Piece | null;
  readonly sentences: readonly Sentence[];
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

/** Tells nodes and heads by what was measured on the pairs. */
export class Reader {
  private readonly known: KnownNodes;

  constructor(
    private readonly told: ToldCircuit,
    private readonly wiring: Wiring,
  ) {
    this.known = new KnownNodes(told);
  }

  node(node: NodeId): NodeStory {
    const name = nodeName(node);
    if (isHeadSite(node.site)) {
      return { node: name, quiet: null, sentences: [this.headNumber(node)] };
    }
    const sentences = [
      this.detects(name),
      this.measured(this.known.contrast(name)),
      this.fed(name),
    ];
    const quiet = this.isQuiet(name) ? this.mention(name) : null;
    return { node: name, quiet, sentences: sentences.filter((sentence) => sentence.length > 0) };
  }

  /** Whether a node is nearly the same on both sides of the pairs and no weight that the circuit uses is its. */
  private isQuiet(name: string): boolean {
    return isSame(this.known.contrast(name)) && this.wiring.degrees.get(name)!.kept === 0;
  }

  /** What attention looks for and moves, a sentence or two a head. */
  heads(layer: number, nodes: readonly NodeId[]): Sentence[] {
    const { model, pairs } = this.told;
    const writes = nodes.filter(({ site }) => site === 'attn.resid_delta');
    const channels = writes.map(({ index }) => index);
    return headsOf(nodes, model.config.dHead).map((head) =>
      tellHead(readHead(model, head, pairs, channels), layer, this.told, (node, inCircuit) =>
        this.mention(node, inCircuit),
      ),
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
        'Directly through the residual stream its writes favor the right answer by {0} nats on average, most of all {1}.',
        signedText(sum),
        listed(named),
      ),
    ];
  }

  /** What a sink or a slope does at every token. */
  private headNumber(node: NodeId): Sentence {
    const { a: value } = this.known.contrast(nodeName(node));
    return node.site === 'attn.sink'
      ? [say('The logit of its sink is {0} at every token; ablated, it is 0.', signedText(value))]
      : [
          say(
            'Its scores fall by {0} nats for every 16 tokens between query and key; ablated, distance has no effect.',
            value < 0 ? signedText(value) : sizeText(value),
          ),
        ];
  }

  private detects(name: string): Sentence {
    const { labels } = this.told;
    const label = this.known.label(name);
    if (!labels || !label) {
      const { about } = this.known.mention(name);
      const unlabelled = say('No label was accepted.');
      return about ? [unlabelled, ' ', say('By its weights alone: {0}.', about)] : [unlabelled];
    }
    const elsewhere = holdsAtStrongest(label)
      ? []
      : [' ', say('Its strongest activations are elsewhere.')];
    return [this.labelled(label, labelText(labels, label)), ...elsewhere];
  }

  private labelled(label: Label, text: string): Piece {
    const { auroc, f1, causal } = label;
    const scores = [auroc.toFixed(2), f1.toFixed(2)];
    if (causal === null) {
      return say('Detects {0} (AUROC {1}, F1 {2}; not tested by ablation).', text, ...scores);
    }
    const nats = [
      ...[causal.prediction.where, causal.prediction.elsewhere].map(sizeText),
      ...[causal.loss.where, causal.loss.elsewhere].map(signedText),
    ];
    return isCausal(label)
      ? say(
          'Detects {0} (AUROC {1}, F1 {2}; ablation changes predictions by {3} nats where it holds and {4} elsewhere, the loss by {5} and {6}).',
          ...[text, ...scores, ...nats],
        )
      : say(
          'Detects {0} (AUROC {1}, F1 {2}; ablation changes predictions by {3} nats where it holds and {4} elsewhere, the loss by {5} and {6}: not confirmed).',
          ...[text, ...scores, ...nats],
        );
  }

  private measured({ a, b, tokens, last }: Contrast): Sentence {
    const { pairs, textOf } = this.told;
    if (isSame({ a, b }))
      return [say('On the pairs it is {0}, nearly the same on both sides.', signedText(a))];
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
    const { layer, site } = parseNode(name, config);
    const { a, b } = this.known.contrast(name);
    const { text, ...mention } = this.known.mention(name);
    const known = knownOf(mention);
    return {
      text,
      known:
        known &&
        rendered([known], {
          words: (own) => own,
          code: (token) => `‘${token}’`,
          node: ({ text: name }) => name,
        }),
      ...(site === FINAL_SITE
        ? { column: config.layers * SITES.length, columnName: 'end of the stream' }
        : {
            column: layer * SITES.length + SITES.indexOf(columnOf(site)),
            columnName: `L${layer} ${SITE_WORDS[columnOf(site)]}`,
          }),
      ...{ a, b },
    };
  }

  /** A node with what is known of it; one that is no node of the circuit is only named. */
  private mention(name: string, inCircuit = true): Piece {
    const mention = this.known.mention(name);
    return inCircuit ? mention : mention.text;
  }
}

/** Whether a node is nearly the same on both sides of the pairs. */
function isSame({ a, b }: Pick<Contrast, 'a' | 'b'>): boolean {
  return Math.abs(a - b) <= SAME * Math.max(Math.abs(a), Math.abs(b));
}

/** The column of a picture in which a site stands: heads' numbers with the keys that they are added to. */
function columnOf(site: Exclude<Site, typeof FINAL_SITE>): LayerSite {
  return isHeadSite(site) ? 'attn.k' : site;
}
