import { describe, expect, it } from 'vitest';
import { areaOf } from '../../../models/circuits/proof/faithfulness';

describe('the area under the curve of faithfulness', () => {
  it('is over the logarithm of the number of nodes', () => {
    // Nothing up to 10 of 100, all from there on: half of the way, and the rise before it.
    const points = [
      { nodes: 10, share: 0 },
      { nodes: 10.0001, share: 1 },
      { nodes: 100, share: 1 },
    ];
    expect(areaOf(points)).toBeCloseTo(0.5, 3);
    expect(areaOf([{ nodes: 100, share: 1 }])).toBeCloseTo(0.5);
  });

  it('takes no more than all and no less than nothing', () => {
    const flat = (share: number) => [
      { nodes: 1, share },
      { nodes: 50, share },
    ];
    expect(areaOf(flat(3))).toBeCloseTo(1);
    expect(areaOf(flat(-3))).toBeCloseTo(0);
  });
});
