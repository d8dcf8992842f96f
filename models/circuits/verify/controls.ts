/**
 * Null controls: what the same pruning finds where there is nothing to find. After J. Drori's
 * critique of pruned circuits (LessWrong, February 2026).
 */
import { nodeMeans } from '../../training/means';
import type { Means } from '../../bundles/weights';
import { Rng } from '../../random';
import type { Prompt } from '../../tasks/prompts';
import { siteWidth } from '../../transformer/config';
import { allSites, siteName } from '../../transformer/nodes';
import { parameterSpecs, type Weights } from '../../transformer/parameters';
import { answersOf, type CircuitModel } from '../model';
import { NodeSet } from '../nodeSet';
import { trainMasks, type MaskSettings } from '../prune/maskTraining';
import { Goal } from '../prune/goal';
import { bestOf, dropTo } from '../prune/select';

/** Windows of generated programs that a random model's means are taken over. */
const MEAN_WINDOWS = 16;
/** A search starts its clean-up at this many times the wanted number of nodes. */
const SURPLUS = 2;
const MASK_SHARE = 0.7;

/** A model under pruning, with what closed nodes are frozen at. */
export interface FrozenModel {
  readonly weights: Weights;
  readonly means: Means;
}

/** As many random nodes at every site as a circuit has. */
export function randomNodes(circuit: NodeSet, rng: Rng): NodeSet {
  const { config } = circuit;
  const counts = new Map(circuit.sites.map(({ site, indices }) => [site, indices.length]));
  return new NodeSet(
    config,
    allSites(config).flatMap(({ layer, site }) => {
      const count = counts.get(siteName(layer, site)) ?? 0;
      const all = Array.from({ length: siteWidth(config, site) }, (_, index) => index);
      return rng
        .shuffle(all)
        .slice(0, count)
        .map((index) => ({ layer, site, index }));
    }),
  );
}

/** Labels at random, a pair at a time: in half of the pairs each side asks for the other's answer. */
export function shuffleLabels(prompts: readonly Prompt[], rng: Rng): Prompt[] {
  const swapped = Array.from({ length: prompts.length / 2 }, () => rng.chance(0.5));
  return prompts.map((prompt, i) =>
    swapped[i >> 1] ? { ...prompt, sign: prompt.sign === 1 ? -1 : 1 } : prompt,
  );
}

/**
 * The same architecture and sparsity without what training found: the entries of every sparse array
 * in random places. Means are those of the random model, over generated programs.
 */
export async function randomModel(
  { bundle, tokenizer }: CircuitModel,
  seed: number,
): Promise<FrozenModel> {
  const { config } = bundle;
  const weights: Weights = new Map(bundle.weights);
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
  return { weights, means: await nodeMeans(config, weights, source, MEAN_WINDOWS) };
}

export interface ControlPruneOptions {
  readonly count: number;
  readonly settings: MaskSettings;
  readonly tied: boolean;
  readonly seed: number;
  /** Seconds allowed for the masks; the clean-up takes about half as long. */
  readonly seconds: number;
  readonly onProgress: (what: string, share: number) => void;
}

/** Prunes down to a number of nodes as circuits are pruned: masks, ranking, dropping by measurement. */
export async function pruneTo(
  model: CircuitModel,
  frozen: FrozenModel,
  prompts: readonly Prompt[],
  { count, settings, tied, seed, seconds, onProgress }: ControlPruneOptions,
): Promise<NodeSet> {
  const answers = answersOf(prompts);
  const open = (nodes: NodeSet) => model.masked(nodes, answers, frozen);
  const rng = new Rng('prune', seed, 0);
  const began = performance.now();
  const ranked = await trainMasks({
    ...{ settings, prompts, open, rng, tied, nodes: NodeSet.all(model.bundle.config) },
    aim: { nodes: SURPLUS * count },
    elapsed: () => (performance.now() - began) / 1000 / seconds,
    onStep: ({ step, open }) => {
      onProgress(`${open} nodes open`, (MASK_SHARE * step) / settings.steps);
    },
  });
  const goal = new Goal(prompts, Infinity);
  const onNodes = (left: number) => {
    onProgress(`${left} nodes`, MASK_SHARE);
  };
  return dropTo(count, bestOf(ranked, SURPLUS * count), { open, tied, goal, onNodes });
}
