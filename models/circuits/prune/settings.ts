/** Settings of mask training: those that served most tasks, and others around them. */
import type { Rng } from '../../random';
import type { MaskSettings } from './maskTraining';

const CENTRE: Omit<MaskSettings, 'steps'> = {
  chunks: 2,
  chunkPairs: 8,
  learningRate: 0.03,
  start: 0.1,
  noise: 0.01,
  weightDecay: 1e-3,
  warmUp: 0.05,
  temperature: 1,
  price: 1e-3,
  priceRate: 0.05,
};

/**
 * For tasks whose masks close all at once under the others, and learn nothing from then on: where
 * many nodes are needed together, closing any of them hardly shows while others are closed.
 */
const GENTLE = { ...CENTRE, learningRate: 0.01, start: 0.2, price: 1e-4 };
/** Steps that gentle settings take for one of the others. */
const GENTLE_STEPS = 5 / 3;

/** Settings of a run after one that found nothing. */
export function gentleSettings(steps: number): MaskSettings {
  return { ...GENTLE, steps: Math.round(GENTLE_STEPS * steps) };
}

/** Settings of the first run. */
export function centreSettings(steps: number): MaskSettings {
  return { ...CENTRE, steps };
}

/** Settings of a run: the first has the centre, later ones are drawn around it. */
export function settingsOf(run: number, steps: number, rng: Rng): MaskSettings {
  if (run === 0) return centreSettings(steps);
  const spread = (value: number, factor: number) => value * factor ** (2 * rng.next() - 1);
  return {
    ...CENTRE,
    steps,
    learningRate: spread(CENTRE.learningRate, 2),
    start: spread(CENTRE.start, 2),
    price: spread(CENTRE.price, 3),
    priceRate: spread(CENTRE.priceRate, 1.5),
    temperature: spread(CENTRE.temperature, 2),
  };
}
