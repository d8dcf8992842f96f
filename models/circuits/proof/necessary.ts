/** Is a circuit necessary? Ablates it, its parts, and random nodes for comparison. */
import { Rng } from '../../random';
import { answersOf } from '../search/model';
import type { NodeSet } from '../../transformer/nodeSet';
import { breakRest } from '../search/breakRest';
import { spreadPairs } from '../search/goal';
import type { Prompt } from '../../tasks/prompts';
import { strictLoss } from '../search/calibration';
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
  const { all, core, circuit, cut, degrees, file, seed } = measurer;
  const without = async (id: string, what: string, gone: NodeSet) => {
    const left = all.without(gone);
    const of = { id, what, nodes: left.count, ablation: file.ablation } as const;
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

/**
 * Counts the nodes of the core, or of a random part of a large one, that it cannot do without. Where weights
 * were dropped they are asked of the nodes that kept ones join: others are constants of the circuit.
 */
export async function leaveOneOut(
  measurer: Measurer,
  target: number,
  onNode: (done: number) => void,
): Promise<Count> {
  const { bundle, core, frozen, joined, prompts, seed } = measurer;
  const few = spreadPairs(prompts, LEAVE_ONE_OUT.pairs);
  const signs = few.map(({ sign }) => sign);
  const own = core.names();
  const names = new Set(joined.names());
  const asked = [...own.keys()].filter((place) => names.has(own[place]));
  const tried = new Rng('leave one out', seed).shuffle(asked).slice(0, LEAVE_ONE_OUT.nodes);
  const model = bundle.masked(core, answersOf(few), frozen);
  let needed = 0;
  try {
    for (let start = 0; start < tried.length; start += SETTINGS) {
      onNode(start / tried.length);
      const settings = tried.slice(start, start + SETTINGS).map((gone) => {
        const setting = new Float32Array(core.count).fill(1);
        setting[gone] = 0;
        return setting;
      });
      const found = await model.differences(few, settings);
      needed += found.filter((differences) => strictLoss(differences, signs) > target).length;
    }
  } finally {
    await model.release();
  }
  const what = 'joined nodes of the core without which alone it fails its target';
  return { id: 'minimal', what, count: needed, of: tried.length };
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
