/** Random sets of nodes that a circuit's core is compared with. */
import { alters, changeOf } from '../inference/interventions';
import type { Rng } from '../random';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { allSites, nodeName, siteName, type NodeId } from '../transformer/nodes';
import type { SteerableModel } from './models';

/** Whether a node's change reaches a read of the dense model: nothing reads what the last MLP writes. */
export function isRead({ layer, site }: NodeId, { layers }: TransformerConfig): boolean {
  return layer < layers - 1 || (layer === layers - 1 && site.startsWith('attn.'));
}

/** Nodes whose mean-ablation changes them at some token of some of the texts, by name. */
export async function alteredNodes(
  model: SteerableModel,
  texts: readonly string[],
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<Set<string>> {
  const { means } = model;
  const { config } = model.info;
  const altered = new Set<string>();
  for (const text of texts) {
    await pause();
    const { ids } = await model.tokens(text);
    const { whole } = await model.trace(text, { token: ids.length - 1 }, { whole: true });
    for (const { layer, site, name } of allSites(config)) {
      const changes = Array.from(means.get(name)!, (mean) => changeOf({ kind: 'mean' }, mean));
      const activations = whole!.get(name)!;
      for (const [at, activation] of activations.entries()) {
        const index = at % changes.length;
        if (alters(changes[index], activation)) altered.add(nodeName({ layer, site, index }));
      }
    }
  }
  return altered;
}

/**
 * As many random nodes as a core has, none of the circuit: at each site as many as the core has there, of
 * those that ablation alters. Where a site has too few of these, altered nodes of other sites that the
 * dense model reads come in their place, and then any others.
 */
export class RandomSets {
  private readonly outside: readonly NodeId[];

  /**
   * @param core nodes that a set is as large as
   * @param circuit names of all nodes of the circuit
   * @param altered names of the nodes that ablation alters
   */
  constructor(
    private readonly config: TransformerConfig,
    private readonly core: readonly NodeId[],
    circuit: readonly string[],
    private readonly altered: ReadonlySet<string>,
  ) {
    const inside = new Set(circuit);
    this.outside = allSites(config)
      .flatMap(({ layer, site }) =>
        Array.from({ length: siteWidth(config, site) }, (_, index) => ({ layer, site, index })),
      )
      .filter((node) => !inside.has(nodeName(node)));
  }

  /** Names of the nodes of one set. */
  draw(rng: Rng): string[] {
    const drawn = new Set<string>();
    const take = (count: number, of: (node: NodeId, name: string) => boolean) => {
      const free = this.outside
        .map((node) => ({ node, name: nodeName(node) }))
        .filter(({ node, name }) => !drawn.has(name) && of(node, name));
      for (const { name } of rng.shuffle(free).slice(0, count)) drawn.add(name);
    };
    for (const [site, count] of countsBySite(this.core)) {
      take(count, (node, name) => siteOf(node) === site && this.altered.has(name));
    }
    const missing = () => this.core.length - drawn.size;
    take(missing(), (node, name) => isRead(node, this.config) && this.altered.has(name));
    take(missing(), (_, name) => this.altered.has(name));
    take(missing(), () => true);
    return [...drawn];
  }
}

const siteOf = ({ layer, site }: NodeId) => siteName(layer, site);

/** How many nodes of a set each site has. */
function countsBySite(nodes: readonly NodeId[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const node of nodes) counts.set(siteOf(node), (counts.get(siteOf(node)) ?? 0) + 1);
  return counts;
}
