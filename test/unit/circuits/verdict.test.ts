import { describe, expect, it } from 'vitest';
import { judge, type Losses } from '../../../models/circuits/verify/verdict';

const real: Losses = {
  ...{ full: 0.01, circuit: 0.12, removed: 0.66 },
  ...{ random: 0.7, shuffled_labels: 0.6, random_model: 0.69 },
};

describe('the verdict', () => {
  it('passes a circuit that is sufficient, necessary and better than its controls', () => {
    const found = judge(real, 0.15, { interchange: 0.97, empty: 0.69 });
    expect(found).toMatchObject({
      sufficient: true,
      necessary: true,
      controls: true,
      needed: true,
      passes: true,
    });
    expect(found.verdict).toMatch(/sufficient and necessary.*97 % of swaps/);
  });

  it.each([
    ['not sufficient', { circuit: 0.151 }, 'sufficient', /not sufficient: loss 0\.151/],
    ['not necessary: too good without', { removed: 0.5 }, 'necessary', /not necessary/],
    ['not necessary: not much worse', { circuit: 0.15, removed: 0.44 }, 'necessary', /necessary/],
    ['no better than random nodes', { random: 0.2 }, 'controls', /random nodes do about as well/],
    ['found on random labels too', { shuffled_labels: 0.1 }, 'controls', /random labels/],
    ['found in a random model too', { random_model: 0.15 }, 'controls', /random model/],
  ] as const)('fails one that is %s, and says so', (_what, change, part, words) => {
    const found = judge({ ...real, ...change }, 0.15, { interchange: 0.9, empty: 0.69 });
    expect(found.passes).toBe(false);
    expect(found[part]).toBe(false);
    expect(found.verdict).toMatch(/FAILS/);
    expect(found.verdict).toMatch(words);
  });

  it('fails any circuit of a task that the last token alone decides, and says so', () => {
    const found = judge(real, 0.15, { interchange: 1, empty: 0.02 });
    expect(found).toMatchObject({ needed: false, passes: false });
    expect(found.verdict).toMatch(
      /FAILS: the task needs no circuit.*0\.020 with every node closed/,
    );
  });
});
