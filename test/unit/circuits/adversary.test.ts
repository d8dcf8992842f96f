import { describe, expect, it } from 'vitest';
import { Adversary } from '../../../models/circuits/search/adversary';
import { climb } from '../../../models/circuits/search/putBack';

describe('the adversary', () => {
  it('opens what promises most harm outside a core, as many as he may, and nothing that helps', () => {
    const adversary = new Adversary(6);
    adversary.learn([3, -1, 0.5, 2, 0.1, -4]);
    expect([...adversary.open([1, 0, 0, 0, 0, 0], 2)]).toEqual([1, 0, 1, 1, 0, 0]);
    expect([...adversary.open([1, 0, 0, 0, 0, 0], Infinity)]).toEqual([1, 0, 1, 1, 1, 0]);
  });

  it('forgets slowly what he learned before', () => {
    const adversary = new Adversary(2);
    adversary.learn([1, 0]);
    adversary.learn([0, 0.7]);
    expect([...adversary.open([0, 0], 1)]).toEqual([1, 0]);
    adversary.learn([0, 0.7]);
    expect([...adversary.open([0, 0], 1)]).toEqual([0, 1]);
  });

  it('climbs where he stands: at the core with what he has chosen', async () => {
    const adversary = new Adversary(4);
    adversary.learn([0, 0, 1, 0]);
    const seen: number[][] = [];
    const prompts = [1, -1].map((sign) => ({
      ...{ tokens: Int32Array.of(0), first: 1, second: 2 },
      sign: sign as 1 | -1,
    }));
    await climb(
      adversary,
      {
        differences: (_, settings) => Promise.resolve(settings.map(() => Float64Array.of(1, -1))),
        gradient: (_, setting) => {
          seen.push([...setting]);
          const gradient = Float32Array.of(0, 5, 0, 0);
          return Promise.resolve({ loss: 0, differences: Float32Array.of(1, -1), gradient });
        },
      },
      Float32Array.of(1, 0, 0, 0),
      1,
      prompts,
    );
    expect(seen).toEqual([[1, 0, 1, 0]]);
    expect([...adversary.open([1, 0, 0, 0], 1)]).toEqual([1, 1, 0, 0]);
  });
});
