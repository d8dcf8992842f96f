import { describe, expect, it } from 'vitest';
import { l0At, learningRateAt } from '../../../models/training/schedule';
import { trainingConfig } from '../../support/training';

/** 100 steps, warm-up over 10, annealing to 1/4 over 50, peak rate 0.01. */
const config = trainingConfig();
const steps = Array.from({ length: config.steps }, (_, step) => step);

describe('the fraction of weights kept', () => {
  it('falls linearly from 1 to the target', () => {
    expect(l0At(config, 0)).toBeCloseTo(1 - 0.75 / 50, 12);
    expect(l0At(config, 24)).toBeCloseTo(0.625, 12);
    const drops = steps.slice(1, 50).map((step) => l0At(config, step - 1) - l0At(config, step));
    for (const drop of drops) expect(drop).toBeCloseTo(0.75 / 50, 12);
  });

  it('with power 3 falls as the cube of the steps left', () => {
    const cubic = { ...config, sparsity: { ...config.sparsity, annealPower: 3 } };
    expect(l0At(cubic, 24)).toBeCloseTo(0.25 + 0.75 / 8, 12);
    for (const step of steps.slice(49)) expect(l0At(cubic, step)).toBe(0.25);
    for (const step of steps.slice(1, 50)) {
      expect(l0At(cubic, step)).toBeLessThan(l0At(cubic, step - 1));
      expect(l0At(cubic, step)).toBeLessThanOrEqual(l0At(config, step));
    }
  });

  it('begins where it is told to', () => {
    const late = { ...config, sparsity: { ...config.sparsity, annealFrom: 0.5 } };
    expect(l0At(late, 24)).toBeCloseTo(0.375, 12);
    expect(l0At(late, 49)).toBe(0.25);
  });

  it('is the target from the end of annealing to the last step', () => {
    for (const step of steps.slice(49)) expect(l0At(config, step)).toBe(0.25);
  });

  it('is the target at once without annealing', () => {
    const sparsity = { ...config.sparsity, annealUntil: 0 };
    expect(l0At({ ...config, sparsity }, 0)).toBe(0.25);
  });

  it('ends at the target to the last bit', () => {
    for (const l0 of [0.1, 0.05, 0.3, 1 / 3]) {
      expect(l0At({ ...config, sparsity: { ...config.sparsity, l0 } }, 99)).toBe(l0);
    }
  });

  it('is 1 throughout for a dense model', () => {
    const dense = { ...config, sparsity: { ...config.sparsity, l0: 1 } };
    for (const step of steps) expect(l0At(dense, step)).toBe(1);
  });
});

describe('the learning rate', () => {
  it('starts with one part of the warm-up', () => {
    // 1/10 of the warm-up, all of the decay, over the root of the fraction kept.
    expect(learningRateAt(config, 0)).toBeCloseTo((0.01 * 0.1) / Math.sqrt(0.985), 12);
  });

  it('is a sharkfin: it rises to the end of annealing, then falls in a straight line', () => {
    // Half of the steps left and a quarter of the weights: 0.01 * 0.51 / sqrt(1/4).
    expect(learningRateAt(config, 49)).toBeCloseTo(0.01 * 0.51 * 2, 12);
    const falls = steps
      .slice(50)
      .map((s) => learningRateAt(config, s - 1) - learningRateAt(config, s));
    for (const fall of falls) expect(fall).toBeCloseTo(0.02 / 100, 12);
  });

  it('is almost nothing in the last step', () => {
    expect(learningRateAt(config, 99)).toBeCloseTo(0.01 * 0.01 * 2, 12);
  });

  it('starts at its peak without warm-up', () => {
    const optimizer = { ...config.optimizer, warmup: 0 };
    const dense = { ...config, optimizer, sparsity: { ...config.sparsity, l0: 1 } };
    expect(learningRateAt(dense, 0)).toBe(0.01);
    expect(learningRateAt(dense, 50)).toBeCloseTo(0.005, 12);
  });
});
