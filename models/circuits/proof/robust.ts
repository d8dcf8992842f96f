/**
 * Is a core enough whatever the rest does? Random parts of the outside are put back, and an adversary
 * chooses, once for a whole batch, which outside nodes are at their mean and which are as they are, by
 * gradient ascent on a mask, as in parameter decomposition (Goodfire, 2026).
 */
import { Rng } from '../../random';
import type { Prompt } from '../../tasks/prompts';
import { soften } from '../calibration';
import { Chunks } from '../search/chunks';
import { spreadPairs } from '../search/goal';
import { medianOf, worstOf, type Measurer } from './measurer';
import type { Measurement } from './schema';

/** Random subsets, and pairs that each is measured on. */
const SUBSETS = 100;
const PAIRS = 16;
/** Steps of the adversary's ascent, pairs of a step, and how far a step moves a parameter in [-1, 1]. */
const STEPS = 20;
const STEP_PAIRS = 6;
const STEP = 0.1;
/** Loss (nats) up to which slopes are taken at less scale. */
const SLOPE_LOSS = 0.3;

/** Worst and median of the core with random subsets of the outside put back. */
export async function randomSubsets(
  measurer: Measurer,
  onSubset: (done: number) => void,
): Promise<Measurement[]> {
  const { all, core, model, prompts, seed } = measurer;
  const few = spreadPairs(prompts, PAIRS);
  const own = all.gatesOf(core);
  const found: Measurement[] = [];
  for (let subset = 0; subset < SUBSETS; subset++) {
    onSubset(subset / SUBSETS);
    const rng = new Rng('put back', seed, subset);
    const share = rng.next();
    const setting = own.map((gate) => (gate === 1 || rng.chance(share) ? 1 : 0));
    const [differences] = await model.differences(few, [setting]);
    const nodes = setting.reduce((sum, gate) => sum + gate, 0);
    const of = { id: '', what: '', nodes, ablation: 'mean', sets: SUBSETS } as const;
    found.push(measurer.measurement(of, differences, few));
  }
  return [
    {
      ...medianOf(found),
      id: 'subsets.median',
      what: 'the core and a random part of the rest, median',
    },
    {
      ...worstOf(found),
      id: 'subsets.worst',
      what: 'the core and a random part of the rest, worst',
    },
  ];
}

/**
 * The core with the outside nodes that the adversary opens, the worst of its steps.
 * @param source prompts that the ascent is made on: not those of the proof
 */
export async function adversary(
  measurer: Measurer,
  source: readonly Prompt[],
  onStep: (done: number) => void,
): Promise<Measurement> {
  const { all, core, model, prompts, seed, bundle, file } = measurer;
  const few = spreadPairs(prompts, PAIRS);
  const own = all.gatesOf(core);
  const rng = new Rng('adversary', seed);
  const parameters = Float64Array.from(own, () => 0.05 * rng.normal());
  const chunks = new Chunks(source, STEP_PAIRS, rng);
  const ascent = bundle.masked(
    all,
    [...new Set([...source, ...prompts].flatMap(({ first, second }) => [first, second]))],
    { means: bundle.frozen(file.ablation) },
  );
  const setting = () => own.map((gate, i) => (gate === 1 || parameters[i] > 0 ? 1 : 0));
  const found: Measurement[] = [];
  const measure = async () => {
    const gates = setting();
    const nodes = gates.reduce((sum, gate) => sum + gate, 0);
    const [differences] = await model.differences(few, [gates]);
    const what = 'the core and what an adversary opens of the rest';
    found.push(
      measurer.measurement({ id: 'adversary', what, nodes, ablation: 'mean' }, differences, few),
    );
  };
  try {
    for (let step = 0; step < STEPS; step++) {
      onStep(step / STEPS);
      const batch = chunks.next();
      const gates = setting();
      const signs = batch.map(({ sign }) => sign);
      const [differences] = await ascent.differences(batch, [gates]);
      const { gradient } = await ascent.gradient(
        batch,
        gates,
        soften(differences, signs, SLOPE_LOSS),
      );
      for (let i = 0; i < parameters.length; i++) {
        const moved = parameters[i] + STEP * Math.sign(gradient[i]);
        parameters[i] = Math.max(-1, Math.min(1, moved));
      }
      if (step % 5 === 4) await measure();
    }
  } finally {
    await ascent.release();
  }
  return worstOf(found);
}
