/**
 * Null controls, in which pruning has nothing to find. After J. Drori's
 * critique of pruned circuits (LessWrong, February 2026).
 */
import { nodeMeans } from '../../training/means';
import type { Means } from '../../bundles/weights';
import { Rng } from '../../random';
import type { Prompt } from '../../tasks/prompts';
import { siteWidth } from '../../transformer/config';
import { allSites, nodeName, siteName, type NodeId } from '../../transformer/nodes';
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
 * node of the circuit. What a site is short of is drawn from the other sites, so that they are fewer than
 * the circuit's only where the model has no more.
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
  const drawn: NodeId[] = [];
  const left: Ranked[] = [];
  const short: number[] = [];
  for (const { layer, site } of allSites(config)) {
    const ranked = (index: number): Ranked => {
      const node = { layer, site, index };
      return { node, degree: degrees.get(nodeName(node)) ?? 0 };
    };
    const taken = own.get(siteName(layer, site)) ?? new Int32Array();
    const free = Array.from({ length: siteWidth(config, site) }, (_, index) => index);
    const out = new Set(never.get(siteName(layer, site)));
    const others = byDegree(free.filter((index) => !out.has(index)).map(ranked), rng);
    for (const { degree } of rng.shuffle([...taken]).map(ranked)) {
      if (others.length > 0) drawn.push(drawNear(others, degree, rng));
      else short.push(degree);
    }
    left.push(...others);
  }
  if (short.length > 0) {
    const others = byDegree(left, rng);
    for (const degree of short.slice(0, others.length)) drawn.push(drawNear(others, degree, rng));
  }
  return new NodeSet(config, drawn);
}

interface Ranked {
  readonly node: NodeId;
  readonly degree: number;
}

/** Nodes by ascending degree, those of the same degree in random order. */
const byDegree = (nodes: Ranked[], rng: Rng): Ranked[] =>
  rng.shuffle(nodes).sort((x, y) => x.degree - y.degree);

/** Takes one of the nodes with about this degree out of a list sorted by degree. */
function drawNear(others: Ranked[], degree: number, rng: Rng): NodeId {
  const place = others.findIndex((other) => other.degree >= degree);
  const middle = place < 0 ? others.length : place;
  const start = Math.max(
    0,
    Math.min(middle - NEAREST_DEGREES / 2, others.length - NEAREST_DEGREES),
  );
  const [{ node }] = others.splice(start + rng.int(Math.min(NEAREST_DEGREES, others.length)), 1);
  return node;
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
