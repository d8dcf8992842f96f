/** Random sets of nodes that a circuit's core is compared with. */
import type { Rng } from '../random';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { allSites, nodeName, parseNode, siteName, type NodeId } from '../transformer/nodes';
import type { SteerableModel } from './models';

/** Whether a node's change reaches a read of the dense model: nothing reads what the last MLP writes. */
export function isRead({ layer, site }: NodeId, { layers }: TransformerConfig): boolean {
  return layer < layers - 1 || (layer === layers - 1 && site.startsWith('attn.'));
}

/** By node, how far mean-ablation moves it: the mean distance over all tokens of some texts; 0 where nowhere. */
export type Moves = ReadonlyMap<string, number>;

/** How far mean-ablation moves every node of a model. */
export async function ablationMoves(
  model: SteerableModel,
  texts: readonly string[],
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<Moves> {
  const { means } = model;
  const { config } = model.info;
  const sums = new Map(
    allSites(config).map(({ name }) => [name, new Float64Array(means.get(name)!.length)]),
  );
  let tokens = 0;
  for (const text of texts) {
    await pause();
    const { ids } = await model.tokens(text);
    const { whole } = await model.trace(text, { token: ids.length - 1 }, { whole: true });
    for (const [name, sum] of sums) {
      const activations = whole!.get(name)!;
      const mean = means.get(name)!;
      for (const [at, activation] of activations.entries()) {
        const index = at % mean.length;
        sum[index] += Math.abs(activation - mean[index]);
      }
    }
    tokens += ids.length;
  }
  return new Map(
    allSites(config).flatMap(({ layer, site, name }) =>
      Array.from(sums.get(name)!, (sum, index) => [
        nodeName({ layer, site, index }),
        sum / Math.max(1, tokens),
      ]),
    ),
  );
}

/** Nodes of one site, or of several: name, and how far ablation moves it. */
interface Movable {
  readonly name: string;
  readonly move: number;
}

/** Ablation moves a random node between half as far and twice as far as the core's node that it stands for. */
const FACTOR = 2;

/**
 * As many random nodes as a core has, none of the circuit. For each node of the core one of its site that
 * mean-ablation moves about as far; without one, that which comes nearest. Where a site has too few nodes
 * that ablation moves at all, moved nodes of other sites that the dense model reads come in their place,
 * and then any others.
 */
export class RandomSets {
  /** Nodes outside of the circuit, by site. */
  private readonly outside = new Map<string, Movable[]>();

  /**
   * @param core nodes that a set is as large as
   * @param circuit names of all nodes of the circuit
   */
  constructor(
    private readonly config: TransformerConfig,
    private readonly core: readonly NodeId[],
    circuit: readonly string[],
    private readonly moves: Moves,
  ) {
    const inside = new Set(circuit);
    for (const { layer, site, name: of } of allSites(config)) {
      const nodes = Array.from({ length: siteWidth(config, site) }, (_, index) =>
        nodeName({ layer, site, index }),
      ).filter((name) => !inside.has(name));
      this.outside.set(
        of,
        nodes.map((name) => ({ name, move: moves.get(name) ?? 0 })),
      );
    }
  }

  /** Names of the nodes of one set. */
  draw(rng: Rng): string[] {
    const free = new Map([...this.outside].map(([site, nodes]) => [site, rng.shuffle([...nodes])]));
    const drawn: string[] = [];
    const takeFrom = (site: string, index: number) => {
      const [taken] = free.get(site)!.splice(index, 1);
      drawn.push(taken.name);
    };
    for (const node of rng.shuffle([...this.core])) {
      const site = siteName(node.layer, node.site);
      const index = nearest(free.get(site)!, this.moves.get(nodeName(node)) ?? 0);
      if (index !== null) takeFrom(site, index);
    }
    const rest = (fits: (one: Movable) => boolean) =>
      rng.shuffle([...free].flatMap(([, nodes]) => nodes.filter(fits)).map(({ name }) => name));
    const fill = (fits: (one: Movable) => boolean) => {
      const missing = this.core.length - drawn.length;
      const taken = new Set(drawn);
      if (missing > 0)
        drawn.push(...rest((one) => !taken.has(one.name) && fits(one)).slice(0, missing));
    };
    fill(({ name, move }) => move > 0 && isRead(parseNode(name, this.config), this.config));
    fill(({ move }) => move > 0);
    fill(() => true);
    return drawn;
  }
}

/** Place of the first node that is moved about so far, else of the nearest of those moved; null for none. */
function nearest(nodes: readonly Movable[], move: number): number | null {
  let best: number | null = null;
  let least = Infinity;
  for (const [i, one] of nodes.entries()) {
    if (one.move === 0) continue;
    const away = Math.abs(Math.log(one.move / move));
    if (away <= Math.log(FACTOR)) return i;
    if (best === null || away < least) [best, least] = [i, away];
  }
  return best;
}
