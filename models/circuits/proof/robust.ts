/**
 * Is a core sufficient whatever the other nodes do? Random parts of the rest are restored, and an adversary
 * chooses, once for a whole batch, which outside nodes are restored and which stay at their mean, by gradient
 * ascent on a mask, as in adversarial parameter decomposition (Goodfire, 2026).
 */
import type { MaskedModel } from '../../inference/maskedModel';
import { Rng } from '../../random';
import type { Prompt } from '../../tasks/prompts';
import { answersOf } from '../search/model';
import { CHOICE, type Adversary } from '../search/adversary';
import { spreadPairs } from '../search/goal';
import { attackCore } from '../search/putBack';
import { medianOf, worstOf, type Measurer } from './measurer';
import type { Measurement, Proof } from '../file/schema';

/** Number of random subsets, how many are measured at once, and pairs that each is measured on. */
const SUBSETS = 100;
const TOGETHER = 10;
const PAIRS = 8;
/** Numbers of nodes that the adversary may choose, for the curve; the last is without limit. */
const CHOICES = [1, 4, CHOICE, 64, 256, Infinity] as const;

/**
 * Worst and median of the core with random subsets of the outside nodes restored: with every weight between
 * the core's nodes, as the search sees to it, and with the kept ones alone.
 */
export async function randomSubsets(
  measurer: Measurer,
  onSubset: (done: number) => void,
): Promise<Measurement[]> {
  const { all, core, file, model, pruned, prompts, seed } = measurer;
  const { ablation } = file;
  const few = spreadPairs(prompts, PAIRS);
  const own = all.gatesOf(core);
  const found: Measurement[] = [];
  const withEdges: Measurement[] = [];
  for (let start = 0; start < SUBSETS; start += TOGETHER) {
    onSubset(start / SUBSETS);
    const settings = Array.from({ length: TOGETHER }, (_, i) => {
      const rng = new Rng('put back', seed, start + i);
      const share = rng.next();
      return own.map((gate) => (gate === 1 || rng.chance(share) ? 1 : 0));
    });
    const measure = async (by: MaskedModel) => {
      const differences = await by.differences(few, settings);
      return settings.map((setting, i) => {
        const nodes = openIn(setting);
        const of = { id: '', what: '', nodes, ablation, sets: SUBSETS } as const;
        return measurer.measurement(of, differences[i], few);
      });
    };
    found.push(...(await measure(model)));
    if (pruned) withEdges.push(...(await measure(pruned)));
  }
  const edges = {
    id: 'subsets.edges',
    what: 'the core by its edges and a random part of the rest, worst',
  };
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
    ...(pruned ? [{ ...worstOf(withEdges), ...edges }] : []),
  ];
}

/** Effect of an adversary on a core. */
export interface Attacked {
  /** With the number of nodes that the verdict allows, and with any number. */
  readonly measurements: Measurement[];
  /** Over the number of chosen nodes. */
  readonly curve: Proof['curves'][0];
}

/**
 * Measures the core with the outside nodes that an adversary restores. Gradient ascent runs once with the
 * number of nodes that the verdict allows, and once with all that are expected to harm; at each number of
 * nodes the worse of both counts.
 * @param source prompts for the ascent: not those of the proof
 */
export async function attack(
  measurer: Measurer,
  source: readonly Prompt[],
  onStep: (done: number) => void,
): Promise<Attacked> {
  const { all, bundle, core, file, model, pruned, prompts, seed } = measurer;
  const few = spreadPairs(prompts, PAIRS);
  const own = all.gatesOf(core);
  const answers = answersOf([...source, ...prompts]);
  const ascent = bundle.masked(all, answers, { means: bundle.frozen(file.ablation) });
  const rng = new Rng('adversary', seed);
  const found = CHOICES.map((): Measurement[] => []);
  const withEdges: Measurement[] = [];
  const measured = (setting: Float32Array, differences: Float64Array) => {
    const of = { id: '', what: '', nodes: openIn(setting), ablation: file.ablation } as const;
    return measurer.measurement(of, differences, few);
  };
  const measure = async (adversary: Adversary) => {
    const settings = CHOICES.map((most) => adversary.open(own, most));
    const differences = await model.differences(few, settings);
    settings.forEach((setting, i) => found[i].push(measured(setting, differences[i])));
    const limited = adversary.open(own, CHOICE);
    const [byEdges] = (await pruned?.differences(few, [limited])) ?? [];
    if (byEdges) withEdges.push(measured(limited, byEdges));
  };
  try {
    await attackCore({ model: ascent, core: own, prompts: source, rng, look: measure, onStep });
  } finally {
    await ascent.release();
  }
  const worst = found.map(worstOf);
  const edges = {
    id: 'adversary.edges',
    what: `the core by its edges and the same ${CHOICE} nodes`,
  };
  const named = (most: number, id: string, what: string): Measurement => ({
    ...worst[CHOICES.findIndex((choice) => choice === most)],
    ...{ id, what },
  });
  return {
    measurements: [
      named(CHOICE, 'adversary', `the core and the ${CHOICE} nodes that an adversary chooses`),
      named(Infinity, 'adversary.free', 'the core and all that an adversary chooses of the rest'),
      ...(pruned ? [{ ...worstOf(withEdges), ...edges }] : []),
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
