/** Effect of ablating a circuit's cut on every task, its own and the nineteen others. */
import type { Prompt } from '../../tasks/prompts';
import { accuracyOf, strictly } from '../search/calibration';
import { fittingTasks } from '../search/fittingTasks';
import { answersOf } from '../search/model';
import type { Measurer } from './measurer';
import type { Proof } from '../file/schema';

const PAIRS = 8;

/** Accuracy on each of the twenty tasks that fits the model, with and without the cut. */
export async function selectivity(
  measurer: Measurer,
  onTask: (done: number) => void,
): Promise<Proof['selective']> {
  const { all, cut, bundle, file, seed } = measurer;
  const fitting = fittingTasks(bundle, { seed, pairs: PAIRS, part: 'proof' });
  if (fitting.length === 0) return [];
  const frozen = { means: bundle.frozen(file.ablation) };
  const model = bundle.masked(all, answersOf(fitting.flatMap(({ prompts }) => prompts)), frozen);
  const [whole, without] = [all, all.without(cut)].map((open) => all.gatesOf(open));
  try {
    const rows: Proof['selective'] = [];
    for (const [i, { name, prompts }] of fitting.entries()) {
      onTask(i / fitting.length);
      const found = await model.differences(prompts, [whole, without]);
      const [before, after] = found.map((differences) => accuracy(differences, prompts));
      rows.push({ task: name, whole: before, without: after });
    }
    return rows;
  } finally {
    await model.release();
  }
}

/** Share of prompts whose right answer leads after the strict rule's shift. */
function accuracy(differences: Float64Array, prompts: readonly Prompt[]): number {
  const signs = prompts.map(({ sign }) => sign);
  const { shift } = strictly(differences, signs);
  return accuracyOf(
    differences.map((difference) => difference + shift),
    signs,
  );
}
