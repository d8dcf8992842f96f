/**
 * Attribution as a baseline for learned masks: nodes ranked by the first-order effect on the loss of
 * ablating each in the whole model (activation times gradient). Gao et al. found it far worse.
 */
import type { Prompt } from '../../tasks/prompts';
import { answersOf } from '../search/model';
import { NodeGates } from '../search/gates';
import { Goal, spreadPairs } from '../search/goal';
import { bisect } from '../search/select';
import type { Measurer } from './measurer';
import type { Count } from '../file/schema';

/** Pairs that nodes are ranked and their number is chosen on. */
const PAIRS = 12;

/**
 * The fewest best-attributed nodes, of the numbers tried, that reach the target on pairs of the search, beside the
 * core's number; all nodes if none do.
 */
export async function attribution(
  measurer: Measurer,
  selection: readonly Prompt[],
  target: number,
): Promise<Count> {
  const { all, bundle, core, file } = measurer;
  const few = spreadPairs(selection, PAIRS);
  const goal = new Goal(few, target);
  const gates = new NodeGates(all, false);
  const means = bundle.frozen(file.ablation);
  const open = ({ nodes }: NodeGates) => bundle.masked(nodes, answersOf(few), { means });
  const whole = open(gates);
  let scores: Float64Array;
  try {
    scores = await goal.slopes(whole, gates.count);
  } finally {
    await whole.release();
  }
  const { gates: found } = await bisect(
    { gates, scores: scores.map((slope) => -slope), steps: 0 },
    {
      ...{ goal, open, expired: () => false, onCount: () => undefined },
      weigh: ({ sizes }) => sizes,
    },
  );
  const what =
    'nodes of the core, of the fewest tried that reach the target loss by activation x gradient';
  return { id: 'attribution', what, count: core.count, of: found?.count ?? all.count };
}
