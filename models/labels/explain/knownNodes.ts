/** What is known of each node of a circuit: what it is on the pairs, its label, what its weights tell. */
import { labelText, type Label } from '../../bundles/labels';
import { nodeTokens } from '../../circuits/token/facts';
import { siteWidth } from '../../transformer/config';
import { describeNode, parseNode, siteName } from '../../transformer/nodes';
import { byWeights } from './byWeights';
import { contrastOf, type Contrast } from './readings';
import type { Clause, NodeMention } from './sentence';
import type { ToldCircuit } from './told';

/** Each is worked out once. */
export class KnownNodes {
  private readonly contrasts = new Map<string, Contrast>();
  private readonly mentions = new Map<string, NodeMention>();

  constructor(private readonly told: ToldCircuit) {}

  /** What a node does on the pairs. */
  contrast(name: string): Contrast {
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
  label(name: string): Label | null {
    const sign = this.larger(name) < 0 ? 'negative' : 'positive';
    return this.told.labels?.nodes[name]?.[sign] ?? null;
  }

  /** A node with its label, or with what it is about by its weights. */
  mention(name: string): NodeMention {
    const known = this.mentions.get(name);
    if (known) return known;
    const { labels, model } = this.told;
    const label = this.label(name);
    const mention = {
      ...{ node: name, token: null },
      text: describeNode(parseNode(name, model.config), model.config),
      label: labels && label && labelText(labels, label),
      about: label ? null : this.about(name),
    };
    this.mentions.set(name, mention);
    return mention;
  }

  private about(name: string): Clause | null {
    const { model, textOf } = this.told;
    return byWeights(nodeTokens(model, name, 1), this.larger(name), (id) => ({
      code: textOf(id),
    }));
  }

  /** What a node is on the side of the pairs where it is larger. */
  private larger(name: string): number {
    const { a, b } = this.contrast(name);
    return Math.abs(a) > Math.abs(b) ? a : b;
  }
}
