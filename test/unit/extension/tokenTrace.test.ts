import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countActive, likeliest, strongestNodes } from '../../../extension/trace/tokenTrace';
import { SEED } from '../fuzz/arbitraries';

const activation = fc.constantFrom(-2, -1, -0.5, 0.5, 1, 2, 3.25);
const site = fc.array(activation, { maxLength: 30 });
const logprobs = Float32Array.of(-3, -1, -2, -1, -9);

/** A trace with these activations at each of its sites. */
function traceOf(sites: readonly number[][]) {
  return {
    logprobs,
    sites: sites.map((values, i) => ({
      ...{ site: `${i}.mlp.post_act`, indices: Int32Array.from(values, (_, j) => 2 * j) },
      values: Float32Array.from(values),
    })),
  };
}

describe('the strongest nodes', () => {
  it('count in multiples of the root mean square at their site', () => {
    const trace = traceOf([
      [1, -7],
      [0.1, 0.1],
    ]);
    expect(countActive(trace)).toBe(4);
    expect(strongestNodes(trace).map(({ node }) => node)).toEqual([
      '0.mlp.post_act.2', // 7 of 5
      '1.mlp.post_act.0',
      '1.mlp.post_act.2',
      '0.mlp.post_act.0', // 1 of 5
    ]);
  });

  it('up to a limit are the first of all', () => {
    const few = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(fc.array(site, { maxLength: 4 }), few, (sites, limit) => {
        const trace = traceOf(sites);
        expect(strongestNodes(trace, limit)).toEqual(strongestNodes(trace).slice(0, limit));
      }),
      { seed: SEED },
    );
  });
});

it('the likeliest tokens come first, of equals the first in the vocabulary', () => {
  expect(likeliest(logprobs, 3)).toEqual([1, 3, 2]);
  expect(likeliest(logprobs, 9)).toEqual([1, 3, 2, 0, 4]);
});
