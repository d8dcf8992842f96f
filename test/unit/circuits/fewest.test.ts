import { describe, expect, it } from 'vitest';
import { fewestEnough, type EnoughOptions } from '../../../models/circuits/search/fewest';

const ask = async (needed: number, change: Partial<EnoughOptions> = {}) => {
  const asked: number[] = [];
  const isEnough = (count: number) => {
    asked.push(count);
    return Promise.resolve(count >= needed);
  };
  const options = { first: 10, most: 1000, isEnough, expired: () => false, ...change };
  return { found: await fewestEnough(options), asked };
};

describe('the fewest that are enough', () => {
  it('are the first where these are, and nothing less is asked for', async () => {
    expect(await ask(3)).toEqual({ found: 10, asked: [10] });
  });

  it.each([11, 57, 64, 321, 999])('are near %i in few questions', async (needed) => {
    const { found, asked } = await ask(needed);
    expect(found).toBeGreaterThanOrEqual(needed);
    expect(found).toBeLessThanOrEqual(Math.ceil((needed * 17) / 16) + 1);
    expect(asked.length).toBeLessThan(14);
    expect(Math.max(...asked)).toBeLessThanOrEqual(1000);
  });

  it('are none where the most is not enough, or the time is up', async () => {
    expect((await ask(1001)).found).toBeNull();
    expect(await ask(3, { expired: () => true })).toEqual({ found: null, asked: [] });
  });
});
