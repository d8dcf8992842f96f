/** What removing a circuit's cut does to every task, its own and the nineteen others. */
import type { Prompt } from '../../tasks/prompts';
import { sourceOf } from '../../tasks/source';
import { tasks } from '../../tasks';
import { accuracyOf, strictly } from '../search/calibration';
import { answersOf } from '../search/model';
import type { Measurer } from './measurer';
import type { Proof } from '../file/schema';

const PAIRS = 8;

/**
 * Accuracy on each of the twenty tasks of the whole model and without the cut. Tasks that do
 * not fit the model, whose prompts are too long or whose answers are several of its tokens, are left out.
 */
export async function selectivity(
  measurer: Measurer,
  onTask: (done: number) => void,
): Promise<Proof['selective']> {
  const { all, cut, bundle, file, seed } = measurer;
  const fitting = tasks.flatMap(({ name }) => {
    try {
      return [{ name, prompts: bundle.prompts(sourceOf({ task: name }), seed, PAIRS, 'proof') }];
    } catch {
      // What stops the proof is no reason to leave a task out.
      bundle.control.check();
      return [];
    }
  });
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
