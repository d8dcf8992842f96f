/** What a node is about, in few words: its label, or the token that it raises, or reads, most strongly. */
import { template } from '../../shared/l10n';
import { labelFor, labelText, type Labels } from '../../models/bundles/labels';
import { byWeights } from '../../models/labels/explain/byWeights';
import { tokenPiece } from '../../models/labels/explain/tokenPiece';
import { plain, rendered, type Clause } from '../../models/labels/explain/sentence';
import type { Facts } from '../../models/runtime/facts';
import type { BundleInfo } from '../../models/inference/engine';
import type { Models } from '../model/models';
import { visible } from '../text/visible';

/** A node as it is at some token. */
interface Active {
  readonly node: string;
  readonly activation: number;
}

/** Facts of so many nodes are remembered. */
const REMEMBERED = 4096;

export class NodeMeanings {
  private readonly known = new Map<string, string>();
  /** The labels of a model, by its hash. */
  private readonly bundled = new Map<string, Promise<Labels | null>>();

  constructor(private readonly models: Models) {
    models.replaced.on(() => {
      this.known.clear();
      this.bundled.clear();
    });
  }

  /** The labels that a model came with, read once; null where it has none. Nobody's signal ends what all share. */
  labels(info: Pick<BundleInfo, 'hash'>): Promise<Labels | null> {
    const before = this.bundled.get(info.hash);
    if (before) return before;
    const own = this.models.useModel('labels', info, (runtime) => runtime.labels());
    this.bundled.set(info.hash, own);
    own.catch(() => {
      if (this.bundled.get(info.hash) === own) this.bundled.delete(info.hash);
    });
    return own;
  }

  /**
   * Meanings by node name; a node that neither reads nor raises a token by itself has none.
   * @param nodes of one that is there twice, with either sign, the first counts
   */
  async of(
    info: BundleInfo,
    nodes: readonly Active[],
    signal?: AbortSignal,
  ): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const seen = new Set<string>();
    const labels = nodes.length === 0 ? null : await this.labels(info);
    for (const { node, activation } of nodes) {
      if (seen.has(node)) continue;
      seen.add(node);
      const label = labels && labelFor(labels, node, activation);
      const text =
        labels && label
          ? labelText(labels, label)
          : await this.byWeights(info, { node, activation }, signal);
      if (text !== '') found.set(node, text);
    }
    return found;
  }

  private async byWeights(
    info: BundleInfo,
    { node, activation }: Active,
    signal?: AbortSignal,
  ): Promise<string> {
    const key = `${node} ${Math.sign(activation)}`;
    const before = this.known.get(key);
    if (before !== undefined) return before;
    const facts = await this.models.useModel('facts', info, (runtime) =>
      runtime.facts(node, 1, { signal }),
    );
    const text = meaningOf(facts, activation, info);
    if (this.known.size >= REMEMBERED) this.known.clear();
    this.known.set(key, text);
    return text;
  }
}

/** What a node without a label is about, in the editor's language: `‘def’ → ‘:’`; nothing where nothing is known. */
export function meaningOf(
  facts: Pick<Facts, 'promotes' | 'suppresses' | 'excitedBy' | 'inhibitedBy'>,
  activation: number,
  info: Pick<BundleInfo, 'texts' | 'tokenTexts'>,
): string {
  return aboutText(byWeights(facts, activation, (id) => tokenPiece(info, id)));
}

/** The same of what models/ found. */
export function aboutText(about: Clause | null): string {
  return rendered(about ? plain([about], template) : [], {
    words: (text) => text,
    code: (text) => `‘${visible(text)}’`,
    node: ({ text }) => text,
  });
}
