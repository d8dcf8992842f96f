/** What a node is about, in few words: its label, or the token that it raises, or reads, most strongly. */
import { t } from '../../shared/l10n';
import type { Facts } from '../../models/runtime/facts';
import type { BundleInfo } from '../../models/runtime/engine';
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

  constructor(private readonly models: Models) {
    models.replaced.on(() => {
      this.known.clear();
    });
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
    for (const { node, activation } of nodes) {
      if (seen.has(node)) continue;
      seen.add(node);
      const key = `${node} ${Math.sign(activation)}`;
      const known = this.known.get(key) ?? (await this.read(info, node, activation, signal));
      if (this.known.size >= REMEMBERED) this.known.clear();
      this.known.set(key, known);
      if (known !== '') found.set(node, known);
    }
    return found;
  }

  private async read(
    info: BundleInfo,
    node: string,
    activation: number,
    signal?: AbortSignal,
  ): Promise<string> {
    const facts = await this.models.useModel('facts', info, (runtime) =>
      runtime.facts(node, 1, { signal }),
    );
    return meaningOf(facts, activation, info.tokenTexts);
  }
}

/**
 * The label of the bundle for such an activation where there is one, `inside '…' string`; else
 * `‘def’ → ‘:’`: read most by the node, raised most by it; either may be missing.
 * A negative activation raises what the node suppresses, and comes of what inhibits it.
 */
export function meaningOf(
  facts: Pick<Facts, 'promotes' | 'suppresses' | 'excitedBy' | 'inhibitedBy' | 'labels'>,
  activation: number,
  tokenTexts: readonly string[],
): string {
  const up = activation >= 0;
  const label = facts.labels?.[up ? 'positive' : 'negative'];
  if (label) return label.text;
  const quoted = ([first]: Facts['promotes']) =>
    first === undefined ? '' : `‘${visible(tokenTexts[first.id])}’`;
  const read = quoted(up ? facts.excitedBy : facts.inhibitedBy);
  const raised = quoted(up ? facts.promotes : facts.suppresses);
  if (raised === '') return read === '' ? '' : t('reads {0}', read);
  return `${read} → ${raised}`.trim();
}
