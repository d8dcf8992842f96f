import { expect, it } from 'vitest';
import { emptySite, type Examples } from '../../../models/bundles/examples';
import { drawLabels } from '../../../models/labels/draw';
import { sampleLabel, sampleLabels } from '../../support/labels';
import { tinyConfig } from '../../support/models';

const config = tinyConfig({ context: 4 });
const labels = sampleLabels(['comma'], {
  '0.mlp.post_act.1': { positive: sampleLabel([1]), negative: sampleLabel([-1]) },
  '0.mlp.post_act.2': { positive: sampleLabel([1]) },
});
const site = emptySite(config.dMlp);
// The second node: +1.5 at the third token and half of it at the second, −2 at the fourth.
site.peaks.set([1.5, -2], 2);
site.places.set([2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3], 20);
site.parts.set([0, 0, 0, 0, 0, 0, 0, 32768], 18);
const examples: Examples = {
  tokens: Uint16Array.of(0, 5, 6, 7),
  sites: new Map([['0.mlp.post_act', site]]),
};

it('draws every label once, each with the places where its node has that sign', () => {
  const drawn = drawLabels({ config, labels, examples }, 9, 1);
  const signs = drawn.map(({ node, sign }) => `${node} ${sign}`);
  expect([...signs].sort()).toEqual([
    '0.mlp.post_act.1 negative',
    '0.mlp.post_act.1 positive',
    '0.mlp.post_act.2 positive',
  ]);
  const placesOf = (sign: string) =>
    drawn[signs.indexOf(sign)].examples.map(({ percentile, examples }) => [
      percentile,
      ...examples.map(({ at, activation }) => [at, activation]),
    ]);
  expect(placesOf('0.mlp.post_act.1 positive')).toEqual([
    [null, [2, 1.5]],
    [50, [1, expect.closeTo(0.75, 4)]],
  ]);
  expect(placesOf('0.mlp.post_act.1 negative')).toEqual([[null, [3, -2]]]);
  expect(placesOf('0.mlp.post_act.2 positive')).toEqual([]);
});

it('draws by the seed, every label as often as another', () => {
  const first = (seed: number) => drawLabels({ config, labels, examples: null }, 1, seed)[0];
  expect(first(7)).toEqual(first(7));
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 300; seed++) {
    const { node, sign } = first(seed);
    counts.set(`${node} ${sign}`, (counts.get(`${node} ${sign}`) ?? 0) + 1);
  }
  expect([...counts.values()].every((count) => count > 70 && count < 130)).toBe(true);
  expect(counts.size).toBe(3);
});
