import { describe, expect, it } from 'vitest';
import { Rng } from '../../../models/random';
import { adamW, type AdamStep } from '../../../models/training/adamw';
import { array, expectClose } from '../../support/arrays';

const step: AdamStep = {
  ...{ learningRate: 0.02, beta1: 0.9, beta2: 0.95, epsilon: 0.1, weightDecay: 0.1 },
  ...{ count: 1, gradientScale: 1 },
};

/** Runs one step on single numbers with fresh moments. */
function once(weight: number, gradient: number, overrides: Partial<AdamStep> = {}) {
  const [weights, first, second] = [
    Float32Array.of(weight),
    Float32Array.of(0),
    Float32Array.of(0),
  ];
  adamW(weights, Float32Array.of(gradient), first, second, { ...step, ...overrides });
  return { weight: weights[0], first: first[0], second: second[0] };
}

describe('AdamW', () => {
  it('in its first step goes by the gradient over its magnitude and epsilon', () => {
    const { weight, first, second } = once(1, -2, { weightDecay: 0 });
    expect(weight).toBeCloseTo(1 + (0.02 * 2) / (2 + 0.1), 6);
    expect(first).toBeCloseTo(-0.2, 6);
    expect(second).toBeCloseTo(0.2, 6);
  });

  it('shrinks weights by rate times decay, whatever the gradient', () => {
    expect(once(3, 0).weight).toBeCloseTo(3 * (1 - 0.02 * 0.1), 6);
  });

  it('scales the gradient first', () => {
    expect(once(1, 8, { gradientScale: 0.25 })).toEqual(once(1, 2));
  });

  it('follows the formulas of the paper in float64 over many steps', () => {
    const size = 50;
    const rng = new Rng('adamw');
    const start = Float32Array.from({ length: size }, () => rng.normal());
    const [weights, first, second] = [
      start.slice(),
      new Float32Array(size),
      new Float32Array(size),
    ];
    const [w, m, v] = [Float64Array.from(start), new Float64Array(size), new Float64Array(size)];
    for (let count = 1; count <= 30; count++) {
      const gradient = Float32Array.from(
        { length: size },
        () => rng.normal() * 10 ** (rng.int(5) - 3),
      );
      const rate = 0.02 / count;
      adamW(weights, gradient, first, second, {
        ...step,
        count,
        learningRate: rate,
        gradientScale: 0.5,
      });
      for (let i = 0; i < size; i++) {
        const g = 0.5 * gradient[i];
        m[i] = 0.9 * m[i] + 0.1 * g;
        v[i] = 0.95 * v[i] + 0.05 * g * g;
        const unbiased = [m[i] / (1 - 0.9 ** count), v[i] / (1 - 0.95 ** count)];
        w[i] -= rate * (unbiased[0] / (Math.sqrt(unbiased[1]) + 0.1) + 0.1 * w[i]);
      }
    }
    // Thirty roundings to float32 of numbers of size 1 to 3.
    expectClose(array([size], weights), array([size], w), 2e-6, 'weights');
    expectClose(array([size], first), array([size], m), 2e-6, 'first moment');
    expectClose(array([size], second), array([size], v), 2e-6, 'second moment');
  });
});
