/** Is a circuit needed? What fails without it, and whether random nodes would do as well. */
import { Rng } from '../../random';
import { answersOf } from '../model';
import { NodeSet } from '../nodeSet';
import { breakRest } from '../search/breakRest';
import { spreadPairs } from '../search/goal';
import type { Prompt } from '../../tasks/prompts';
import { strictLoss } from '../calibration';
import { prunedEdges } from '../circuitFile';
import { randomNodes } from './controls';
import { medianOf, type Measurer } from './measurer';
import type { Count, Measurement } from './schema';

/** Random sets of the circuit's size that are removed. */
const REMOVED_SETS = 5;
/** Random sets of the core's size that backups are looked for. */
const BACKUP_SETS = 2;
/** Pairs of the leave-one-out. */
const LEAVE_PAIRS = 16;
/** Settings that are held in memory at once. */
const SETTINGS = 64;

/** The model without the core, without core and backups, and without as many random nodes. */
export async function removals(measurer: Measurer): Promise<Measurement[]> {
  const { all, core, circuit, seed } = measurer;
  const without = async (id: string, what: string, gone: NodeSet) => {
    const left = all.without(gone);
    const of = { id, what, nodes: left.count, ablation: 'mean' } as const;
    return measurer.measurement(of, await measurer.differences(left));
  };
  const random: Measurement[] = [];
  for (let set = 0; set < REMOVED_SETS; set++) {
    const gone = randomNodes(circuit, new Rng('removed', seed, set));
    random.push(await without('removed.random', 'the model without as many random nodes', gone));
  }
  return [
    await without('removed.core', 'the model without the core', core),
    await without('removed.circuit', 'the model without core and backups', circuit),
    { ...medianOf(random), sets: REMOVED_SETS },
  ];
}

/** Nodes of the core without which alone it fails its target. */
export async function leaveOneOut(
  measurer: Measurer,
  target: number,
  onNode: (done: number) => void,
): Promise<Count> {
  const { bundle, core, file, prompts } = measurer;
  const few = spreadPairs(prompts, LEAVE_PAIRS);
  const signs = few.map(({ sign }) => sign);
  let needed = 0;
  const edges = prunedEdges(file);
  const frozen = { means: bundle.frozen(file.ablation) };
  if (edges) {
    onNode(0);
    const choices = core.names().map((name) => edgesWithout(edges, name));
    const found = await bundle.edgeDifferences(few, core, frozen, choices);
    needed = found.filter((differences) => strictLoss(differences, signs) > target).length;
    return { id: 'minimal', what: MINIMAL, count: needed, of: core.count };
  }
  const model = bundle.masked(core, answersOf(few), frozen);
  try {
    for (let start = 0; start < core.count; start += SETTINGS) {
      onNode(start / core.count);
      const length = Math.min(SETTINGS, core.count - start);
      const settings = Array.from({ length }, (_, i) =>
        Float32Array.from({ length: core.count }, (__, node) => (node === start + i ? 0 : 1)),
      );
      const found = await model.differences(few, settings);
      needed += found.filter((differences) => strictLoss(differences, signs) > target).length;
    }
  } finally {
    await model.release();
  }
  return { id: 'minimal', what: MINIMAL, count: needed, of: core.count };
}

const MINIMAL = 'nodes of the core without which alone it fails its target';

/** The kept edges but those of one node: without them it says nothing to the others. */
function edgesWithout<E extends { from: string; to: string }>(
  edges: readonly E[],
  name: string,
): E[] {
  return edges.filter(({ from, to }) => from !== name && to !== name);
}

/**
 * Backups that random sets of the core's size need, found by the very step that found the core's: a
 * core that carries the task needs fewer.
 */
export async function randomBackups(
  measurer: Measurer,
  selection: readonly Prompt[],
  onSet: (done: number) => void,
): Promise<Count> {
  const { all, core, backups, bundle, file, seed } = measurer;
  const frozen = { means: bundle.frozen(file.ablation) };
  const answers = answersOf(selection);
  const counts: number[] = [];
  for (let set = 0; set < BACKUP_SETS; set++) {
    const random = randomNodes(core, new Rng('backups', seed, set));
    const broken = await breakRest(random, {
      ...{ all, prompts: selection, expired: () => false },
      open: (nodes) => bundle.masked(nodes, answers, frozen),
      onRound: () => {
        onSet(set / BACKUP_SETS);
      },
    });
    counts.push(broken.backups.count);
  }
  const what = 'backups of the core, of those that random nodes in its place need (the fewest)';
  return { id: 'backups', what, count: backups.count, of: Math.min(...counts) };
}
