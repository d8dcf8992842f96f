/**
 * Is a core enough whatever the rest does? Random parts of the outside are put back, and an adversary
 * chooses, once for a whole batch, which outside nodes are as they are and which at their mean, by
 * gradient ascent on a mask, as in adversarial parameter decomposition (Goodfire, 2026).
 */
import { Rng } from '../../random';
import type { Prompt } from '../../tasks/prompts';
import { answersOf } from '../search/model';
import { CHOICE, type Adversary } from '../search/adversary';
import { spreadPairs } from '../search/goal';
import { attackCore } from '../search/putBack';
import { medianOf, worstOf, type Measurer } from './measurer';
import type { Measurement, Proof } from '../file/schema';

/** Random subsets, how many are measured together, and pairs that each is measured on. */
const SUBSETS = 100;
const TOGETHER = 10;
const PAIRS = 8;
/** Nodes that he may choose, on the curve; the last is every node that promises harm. */
const CHOICES = [1, 4, CHOICE, 64, 256, Infinity] as const;

/** Worst and median of the core with random subsets of the outside put back. */
export async function randomSubsets(
  measurer: Measurer,
  onSubset: (done: number) => void,
): Promise<Measurement[]> {
  const { all, core, model, prompts, seed } = measurer;
  const few = spreadPairs(prompts, PAIRS);
  const own = all.gatesOf(core);
  const found: Measurement[] = [];
  for (let start = 0; start < SUBSETS; start += TOGETHER) {
    onSubset(start / SUBSETS);
    const settings = Array.from({ length: TOGETHER }, (_, i) => {
      const rng = new Rng('put back', seed, start + i);
      const share = rng.next();
      return own.map((gate) => (gate === 1 || rng.chance(share) ? 1 : 0));
    });
    const differences = await model.differences(few, settings);
    settings.forEach((setting, i) => {
      const nodes = openIn(setting);
      const of = { id: '', what: '', nodes, ablation: 'mean', sets: SUBSETS } as const;
      found.push(measurer.measurement(of, differences[i], few));
    });
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

/** What an adversary makes of a core. */
export interface Attacked {
  /** With the few nodes that the verdict lets it choose, and with any number. */
  readonly measurements: Measurement[];
  /** Over the number of nodes that it chooses. */
  readonly curve: Proof['curves'][0];
}

/**
 * The core with the outside nodes that an adversary opens: he climbs once with the few nodes that the
 * verdict lets it choose, and once with all that promise harm. The worst of either counts at each number.
 * @param source prompts that the ascent is made on: not those of the proof
 */
export async function attack(
  measurer: Measurer,
  source: readonly Prompt[],
  onStep: (done: number) => void,
): Promise<Attacked> {
  const { all, bundle, core, file, model, prompts, seed } = measurer;
  const few = spreadPairs(prompts, PAIRS);
  const own = all.gatesOf(core);
  const answers = answersOf([...source, ...prompts]);
  const ascent = bundle.masked(all, answers, { means: bundle.frozen(file.ablation) });
  const rng = new Rng('adversary', seed);
  const found = CHOICES.map((): Measurement[] => []);
  const measure = async (adversary: Adversary) => {
    const settings = CHOICES.map((most) => adversary.open(own, most));
    const differences = await model.differences(few, settings);
    settings.forEach((setting, i) => {
      const of = { id: '', what: '', nodes: openIn(setting), ablation: 'mean' } as const;
      found[i].push(measurer.measurement(of, differences[i], few));
    });
  };
  try {
    await attackCore({ model: ascent, core: own, prompts: source, rng, look: measure, onStep });
  } finally {
    await ascent.release();
  }
  const worst = found.map(worstOf);
  const named = (most: number, id: string, what: string): Measurement => ({
    ...worst[CHOICES.findIndex((choice) => choice === most)],
    ...{ id, what },
  });
  return {
    measurements: [
      named(CHOICE, 'adversary', `the core and the ${CHOICE} nodes that an adversary chooses`),
      named(Infinity, 'adversary.free', 'the core and all that an adversary chooses of the rest'),
    ],
    curve: {
      ...{ id: 'adversary', what: 'the core and what an adversary chooses, by its number' },
      points: worst.map(({ nodes, share, order }) => ({ nodes: nodes - core.count, share, order })),
    },
  };
}

function openIn(setting: Float32Array): number {
  return setting.reduce((sum, gate) => sum + gate, 0);
}
