import { describe, expect, it } from 'vitest';
import { meanJaccard } from '../../../models/circuits/unique';

describe('what cores share', () => {
  const set = (text: string) => new Set(text);

  it('is the mean over pairs of nodes of both by nodes of either', () => {
    expect(meanJaccard([set('abc'), set('bcd')])).toBe(0.5);
    // 1, 0 and 0.
    expect(meanJaccard([set('ab'), set('ab'), set('cd')])).toBeCloseTo(1 / 3);
  });

  it('is nothing where there is one core or none', () => {
    expect(meanJaccard([])).toBeNull();
    expect(meanJaccard([set('a')])).toBeNull();
  });
});
