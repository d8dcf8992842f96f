import { describe, expect, it } from 'vitest';
import {
  accuracyOf,
  calibrate,
  calibratedLoss,
  lossOf,
  MOST_SCALE,
  soften,
} from '../../../models/circuits/calibration';
import { Rng } from '../../../models/random';

const noisy = (seed: number, slope: number) => {
  const rng = new Rng(seed);
  const signs = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 1 : -1));
  return { signs, differences: signs.map((sign) => slope * sign + rng.normal()) };
};

describe('task loss', () => {
  it('is ln 2 when the answers are even, and nothing when the right ones lead by far', () => {
    expect(lossOf([0, 0], [1, -1])).toBeCloseTo(Math.LN2, 12);
    expect(lossOf([800, -800], [1, -1])).toBe(0);
    expect(lossOf([-800, 800], [1, -1])).toBe(800);
  });

  it('counts the prompts whose right answer leads', () => {
    expect(accuracyOf([1, -2, 0, 3], [1, -1, 1, -1])).toBe(0.5);
  });
});

describe('calibration', () => {
  it.each([0.7, 5, 30])('undoes a scale of %f and a shift', (factor) => {
    const { signs, differences } = noisy(1, 1);
    const best = calibratedLoss(differences, signs);
    const changed = differences.map((x) => factor * x + 3 * factor);
    expect(calibratedLoss(changed, signs)).toBeCloseTo(best, 2);
  });

  it('is where neither scale nor shift can do better', () => {
    const { signs, differences } = noisy(2, 0.7);
    const { scale, shift } = calibrate(differences, signs);
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

  it('never reads differences backwards', () => {
    const { signs, differences } = noisy(3, -2);
    expect(calibrate(differences, signs).scale).toBe(0);
    expect(calibratedLoss(differences, signs)).toBeCloseTo(Math.LN2, 3);
  });

  it('stays finite for differences that separate the answers', () => {
    const { scale } = calibrate([2, 2, -2, -2], [1, 1, -1, -1]);
    expect(scale).toBeGreaterThan(1);
    expect(scale).toBeLessThan(20);
  });

  it('does not make a trace of the cause into an answer', () => {
    const { signs, differences } = noisy(6, 20);
    expect(calibratedLoss(differences, signs)).toBeLessThan(0.03);
    const trace = differences.map((x) => 1e-4 * x + 7);
    const { scale, shift } = calibrate(trace, signs);
    expect(scale).toBe(MOST_SCALE);
    const least = lossOf(trace, signs, { scale, shift });
    expect(least).toBeGreaterThan(0.68);
    for (const moved of [shift - 0.1, shift + 0.1]) {
      expect(lossOf(trace, signs, { scale, shift: moved })).toBeGreaterThan(least);
    }
  });

  it('softened has the loss of the floor, or stays as it is above it', () => {
    const { signs, differences } = noisy(4, 20);
    const sure = calibrate(differences, signs);
    expect(lossOf(differences, signs, sure)).toBeLessThan(0.03);
    expect(lossOf(differences, signs, soften(differences, signs, sure, 0.06))).toBeCloseTo(0.06, 4);
    const unsure = noisy(5, 0.5);
    const fitted = calibrate(unsure.differences, unsure.signs);
    expect(soften(unsure.differences, unsure.signs, fitted, 0.06)).toEqual(fitted);
  });
});
