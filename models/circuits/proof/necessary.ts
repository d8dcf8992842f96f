/** Is a circuit necessary? Ablates it, its parts, and random nodes for comparison. */
import { Rng } from '../../random';
import { answersOf } from '../search/model';
import type { NodeSet } from '../../transformer/nodeSet';
import { breakRest } from '../search/breakRest';
import { spreadPairs } from '../search/goal';
import type { Prompt } from '../../tasks/prompts';
import { strictLoss } from '../search/calibration';
import { prunedEdges } from '../file/circuitFile';
import { randomNodes } from './controls';
import { medianOf, type Measurer } from './measurer';
import type { Count, Measurement } from '../file/schema';

/** Random sets that are ablated. */
const REMOVED_SETS = 5;
/** Pairs of the leave-one-out, and nodes that it tries. */
const LEAVE_ONE_OUT = { pairs: 8, nodes: 150 };
/** Settings of gates that are measured at once. */
const SETTINGS = 64;

/** Measures the model without the core, without core and backups, without the cut, and without random nodes. */
export async function removals(measurer: Measurer): Promise<Measurement[]> {
  const { all, core, circuit, cut, degrees, seed } = measurer;
  const without = async (id: string, what: string, gone: NodeSet) => {
    const left = all.without(gone);
    const of = { id, what, nodes: left.count, ablation: 'mean' } as const;
    return measurer.measurement(of, await measurer.differences(left));
  };
  const random: Measurement[] = [];
  for (let set = 0; set < REMOVED_SETS; set++) {
    const gone = randomNodes(circuit, new Rng('removed', seed, set), degrees);
    const what = 'the model without as many random nodes of like degree, median';
    random.push(await without('removed.random', what, gone));
  }
  return [
    await without('removed.core', 'the model without the core', core),
    await without('removed.circuit', 'the model without core and backups', circuit),
    await without('removed.cut', 'the model without the cut', cut),
    { ...medianOf(random), sets: REMOVED_SETS },
  ];
}

/** Counts the nodes of the core, or of a random part of a large one, that it cannot do without. */
export async function leaveOneOut(
  measurer: Measurer,
  target: number,
  onNode: (done: number) => void,
): Promise<Count> {
  const { bundle, core, file, prompts, seed } = measurer;
  const few = spreadPairs(prompts, LEAVE_ONE_OUT.pairs);
  const signs = few.map(({ sign }) => sign);
  const drawn = new Rng('leave one out', seed).shuffle([...core.nodes.keys()]);
  const tried = drawn.slice(0, LEAVE_ONE_OUT.nodes);
  const edges = prunedEdges(file);
  const frozen = { means: bundle.frozen(file.ablation) };
  const fails = (found: readonly Float64Array[]) =>
    found.filter((differences) => strictLoss(differences, signs) > target).length;
  let needed = 0;
  if (edges) {
    onNode(0);
    const names = core.names();
    const choices = tried.map((node) => edgesWithout(edges, names[node]));
    needed = fails(await bundle.edgeDifferences(few, core, frozen, choices));
    return { id: 'minimal', what: MINIMAL, count: needed, of: tried.length };
  }
  const model = bundle.masked(core, answersOf(few), frozen);
  try {
    for (let start = 0; start < tried.length; start += SETTINGS) {
      onNode(start / tried.length);
      const settings = tried.slice(start, start + SETTINGS).map((gone) => {
        const setting = new Float32Array(core.count).fill(1);
        setting[gone] = 0;
        return setting;
      });
      needed += fails(await model.differences(few, settings));
    }
  } finally {
    await model.release();
  }
  return { id: 'minimal', what: MINIMAL, count: needed, of: tried.length };
}

const MINIMAL = 'nodes of the core without which alone it fails its target';

/** The kept edges without those of one node, which disconnects it. */
function edgesWithout<E extends { from: string; to: string }>(
  edges: readonly E[],
  name: string,
): E[] {
  return edges.filter(({ from, to }) => from !== name && to !== name);
}

/**
 * Counts the backups of random nodes with the core's number and degrees, found by the same procedure as
 * the core's: a core that carries the task needs fewer.
 */
export async function randomBackups(
  measurer: Measurer,
  selection: readonly Prompt[],
  onRound: () => void,
): Promise<Count> {
  const { all, core, backups, bundle, degrees, file, seed } = measurer;
  const frozen = { means: bundle.frozen(file.ablation) };
  const answers = answersOf(selection);
  const random = randomNodes(core, new Rng('backups', seed), degrees);
  const broken = await breakRest(random, {
    ...{ all, prompts: selection, expired: () => false, cut: false, onRound },
    open: (nodes) => bundle.masked(nodes, answers, frozen),
  });
  const what = 'backups of the core, of those that random nodes in its place need';
  return { id: 'backups', what, count: backups.count, of: broken.backups.count };
}
