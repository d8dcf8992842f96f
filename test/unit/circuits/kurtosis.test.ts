import { describe, expect, it } from 'vitest';
import { kurtosis } from '../../../models/circuits/kurtosis';
import { Rng } from '../../../models/random';

describe('kurtosis', () => {
  it('is 3 for normal numbers, wherever their mean and whatever their scale', () => {
    const rng = new Rng(1, 'kurtosis');
    const normal = Array.from({ length: 100_000 }, () => 5 + 7 * rng.normal());
    expect(kurtosis(normal)).toBeCloseTo(3, 0);
  });
  it('is 1 for two values equally often, and that of a Bernoulli variable for one among n', () => {
    expect(kurtosis([2, -4, 2, -4])).toBeCloseTo(1, 9);
    const n = 50;
    const p = 1 / n;
    const single = Float32Array.from({ length: n }, (_, i) => (i === 7 ? 3 : 0));
    expect(kurtosis(single)).toBeCloseTo((1 - 3 * p * (1 - p)) / (p * (1 - p)), 4);
  });
  it('is undefined for a constant', () => {
    expect(kurtosis([1, 1, 1])).toBeNaN();
  });
});
