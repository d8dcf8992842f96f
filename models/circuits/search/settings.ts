/** Settings of mask training: a centre that worked for most tasks, and random ones around it. */
import type { Rng } from '../../random';
import type { MaskSettings } from './maskTraining';

const CENTRE: Omit<MaskSettings, 'steps'> = {
  chunkPairs: 3,
  learningRate: 0.03,
  start: 0.05,
  spread: 0.6,
  noise: 0.01,
  weightDecay: 1e-3,
  warmUp: 0.05,
  temperature: 1,
  price: 1e-4,
  priceRate: 0.07,
};

/** Settings of a run: the first has the centre, later ones are drawn around it. */
export function settingsOf(run: number, steps: number, rng: Rng): MaskSettings {
  if (run === 0) return { ...CENTRE, steps };
  const spread = (value: number, factor: number) => value * factor ** (2 * rng.next() - 1);
  return {
    ...CENTRE,
    steps,
    learningRate: spread(CENTRE.learningRate, 1.5),
    spread: spread(CENTRE.spread, 1.5),
    price: spread(CENTRE.price, 3),
    priceRate: spread(CENTRE.priceRate, 1.5),
  };
}

/** Settings for weights, which are few and all join nodes that matter. */
export function edgeSettings(steps: number): MaskSettings {
  return { ...CENTRE, steps, spread: 0.4, price: 1e-3 };
}
