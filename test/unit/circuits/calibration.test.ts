import { describe, expect, it } from 'vitest';
import {
  accuracyOf,
  freely,
  lossOf,
  meanGap,
  pairOrder,
  soften,
  strictLoss,
  strictly,
} from '../../../models/circuits/search/calibration';
import { Rng } from '../../../models/random';

const noisy = (seed: number, slope: number) => {
  const rng = new Rng(seed);
  const signs = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 1 : -1));
  return { signs, differences: signs.map((sign) => slope * sign + rng.normal()) };
};
const freeLoss = (differences: number[], signs: number[]) =>
  lossOf(differences, signs, freely(differences, signs));

describe('task loss', () => {
  it('is ln 2 when the answers are even, and nothing when the right ones lead by far', () => {
    expect(lossOf([0, 0], [1, -1])).toBeCloseTo(Math.LN2, 12);
    expect(lossOf([800, -800], [1, -1])).toBe(0);
    expect(lossOf([-800, 800], [1, -1])).toBe(800);
  });

  it('counts the prompts whose right answer leads', () => {
    expect(accuracyOf([1, -2, 0, 3], [1, -1, 1, -1])).toBe(0.5);
  });

  it('knows pairs in order and their gap, whatever the shift', () => {
    const differences = [5, 3, -2, -1, 7, 7];
    expect(pairOrder(differences)).toBeCloseTo(1 / 3, 12);
    expect(meanGap(differences)).toBeCloseTo(1 / 3, 12);
    const moved = differences.map((difference) => difference + 100);
    expect(pairOrder(moved)).toBeCloseTo(1 / 3, 12);
    expect(meanGap(moved)).toBeCloseTo(1 / 3, 12);
  });
});

describe('the strict rule', () => {
  it('takes away a constant bias, however large, and scales nothing', () => {
    const { signs, differences } = noisy(1, 2);
    const { scale, shift } = strictly(differences, signs);
    expect(scale).toBe(1);
    for (const moved of [shift - 0.1, shift + 0.1]) {
      expect(lossOf(differences, signs, { scale, shift: moved })).toBeGreaterThan(
        strictLoss(differences, signs),
      );
    }
    const biased = differences.map((difference) => difference - 40);
    expect(lossOf(biased, signs)).toBeGreaterThan(15);
    expect(strictLoss(biased, signs)).toBeCloseTo(strictLoss(differences, signs), 6);
  });

  it('does not make a trace of the cause into an answer', () => {
    const { signs, differences } = noisy(6, 20);
    const trace = differences.map((difference) => 1e-4 * difference + 7);
    expect(strictLoss(trace, signs)).toBeGreaterThan(0.69);
    expect(freeLoss(trace, signs)).toBeLessThan(0.03);
  });
});

describe('the free rule', () => {
  it.each([0.7, 5, 30])('undoes a scale of %f and a shift', (factor) => {
    const { signs, differences } = noisy(1, 1);
    const best = freeLoss(differences, signs);
    const changed = differences.map((x) => factor * x + 3 * factor);
    expect(freeLoss(changed, signs)).toBeCloseTo(best, 2);
  });

  it('is where neither scale nor shift can do better', () => {
    const { signs, differences } = noisy(2, 0.7);
    const { scale, shift } = freely(differences, signs);
    const least = lossOf(differences, signs, { scale, shift });
    for (const [ds, dt] of [
      [0.1, 0],
      [-0.1, 0],
      [0, 0.1],
      [0, -0.1],
      [0.1, -0.1],
    ]) {
      const moved = { scale: scale + ds, shift: shift + dt };
      expect(lossOf(differences, signs, moved)).toBeGreaterThan(least - 1e-3);
    }
  });

  it('never reads differences backwards, and stays finite where they separate the answers', () => {
    const { signs, differences } = noisy(3, -2);
    expect(freely(differences, signs).scale).toBe(0);
    expect(freeLoss(differences, signs)).toBeCloseTo(Math.LN2, 3);
    const { scale } = freely([2, 2, -2, -2], [1, 1, -1, -1]);
    expect(scale).toBeGreaterThan(1);
    expect(scale).toBeLessThan(20);
  });
});

describe('softened for training', () => {
  it('it has the loss of the floor, or stays strict above it', () => {
    const { signs, differences } = noisy(4, 20);
    const sure = soften(differences, signs, 0.06);
    expect(sure.scale).toBeLessThan(0.5);
    expect(lossOf(differences, signs, sure)).toBeCloseTo(0.06, 4);
    const unsure = noisy(5, 0.5);
    expect(soften(unsure.differences, unsure.signs, 0.06)).toEqual(
      strictly(unsure.differences, unsure.signs),
    );
  });

  it('it keeps scale 1 where labels carry no signal, so that gradients live', () => {
    const { signs, differences } = noisy(7, 0);
    expect(soften(differences, signs, 0.06).scale).toBe(1);
    const against = noisy(8, -3);
    expect(soften(against.differences, against.signs, 0.06).scale).toBe(1);
  });
});
