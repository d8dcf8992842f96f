/**
 * Null controls, in which pruning has nothing to find. After J. Drori's
 * critique of pruned circuits (LessWrong, February 2026).
 */
import { nodeMeans } from '../../training/means';
import type { Means } from '../../bundles/weights';
import { Rng } from '../../random';
import type { Prompt } from '../../tasks/prompts';
import { siteWidth } from '../../transformer/config';
import { allSites, nodeName, siteName } from '../../transformer/nodes';
import { parameterSpecs, type Weights } from '../../transformer/parameters';
import type { CircuitModel } from '../search/model';
import { NodeSet } from '../../transformer/nodeSet';

/** Windows of generated programs that a random model's means are taken over. */
const MEAN_WINDOWS = 16;

/** A model to prune, with the values of ablated nodes. */
export interface FrozenModel {
  readonly weights: Weights;
  readonly means: Means;
}

/** Number of nodes with the nearest degrees from which one is drawn. */
const NEAREST_DEGREES = 4;

/**
 * Random nodes matched to a circuit: as many at every site, each with about as many nonzero weights as a
 * node of the circuit; all other nodes of the site if they are fewer.
 * @param degrees by node name; nodes that are missing have none
 * @param barred nodes that are not drawn; by default the circuit's own
 */
export function randomNodes(
  circuit: NodeSet,
  rng: Rng,
  degrees: ReadonlyMap<string, number> = new Map(),
  barred = circuit,
): NodeSet {
  const { config } = circuit;
  const bySite = (nodes: NodeSet) =>
    new Map(nodes.sites.map(({ site, indices }) => [site, indices]));
  const own = bySite(circuit);
  const never = bySite(barred);
  return new NodeSet(
    config,
    allSites(config).flatMap(({ layer, site }) => {
      const taken = own.get(siteName(layer, site)) ?? new Int32Array();
      const free = Array.from({ length: siteWidth(config, site) }, (_, index) => index);
      const degree = free.map((index) => degrees.get(nodeName({ layer, site, index })) ?? 0);
      const out = never.get(siteName(layer, site)) ?? new Int32Array();
      const others = rng.shuffle(free.filter((index) => !out.includes(index)));
      others.sort((x, y) => degree[x] - degree[y]);
      return rng.shuffle([...taken]).flatMap((node) => {
        if (others.length === 0) return [];
        // They are sorted, so those of about its degree are neighbours.
        const place = others.findIndex((index) => degree[index] >= degree[node]);
        const middle = place < 0 ? others.length : place;
        const start = Math.max(
          0,
          Math.min(middle - NEAREST_DEGREES / 2, others.length - NEAREST_DEGREES),
        );
        const [index] = others.splice(start + rng.int(Math.min(NEAREST_DEGREES, others.length)), 1);
        return [{ layer, site, index }];
      });
    }),
  );
}

/** Random labels: the answers of each pair's sides are swapped with probability one half. */
export function shuffleLabels(prompts: readonly Prompt[], rng: Rng): Prompt[] {
  const swapped = Array.from({ length: prompts.length / 2 }, () => rng.chance(0.5));
  return prompts.map((prompt, i) =>
    swapped[i >> 1] ? { ...prompt, sign: prompt.sign === 1 ? -1 : 1 } : prompt,
  );
}

/**
 * The model with the entries of every sparse array in random places: the same architecture and sparsity
 * without what training found. Means are those of the random model, over generated programs.
 */
export async function randomModel(
  { bundle, control, tokenizer }: CircuitModel,
  seed: number,
): Promise<FrozenModel> {
  const { config } = bundle;
  const weights = new Map(bundle.weights);
  for (const { name, sparse } of parameterSpecs(config)) {
    if (!sparse) continue;
    const data = weights.get(name)!.slice();
    const rng = new Rng(seed, 'random model', name);
    for (let i = data.length - 1; i > 0; i--) {
      const j = rng.int(i + 1);
      [data[i], data[j]] = [data[j], data[i]];
    }
    weights.set(name, data);
  }
  const source = {
    ...{ tokenizer, seed, idiomShare: 1, context: config.context },
    stream: new Uint16Array(),
  };
  const pause = () => control.pause();
  return { weights, means: await nodeMeans(config, weights, source, MEAN_WINDOWS, pause) };
}
