/** Nodes at two levels against gates, and the gradient of soft steps against central differences. */
import { Machines } from '../../../models/sparse/machines';
import { describe, expect, it } from 'vitest';
import { bestSplit } from '../../../models/circuits/proof/levels';
import { NodeSet } from '../../../models/transformer/nodeSet';
import { Rng } from '../../../models/random';
import { LevelModel, type Levels } from '../../../models/inference/levelModel';
import { MaskedModel } from '../../../models/inference/maskedModel';
import { ort } from '../../../models/onnxRuntime';
import { lossFeeds, promptFeeds, roundedLength } from '../../../models/inference/promptFeeds';
import { createSession } from '../../../models/engines/session';
import { FITTED, levelGradientGraph, levelInput } from '../../../models/transformer/levelGraph';
import { MASK_LOSS } from '../../../models/transformer/maskGraph';
import { allSites } from '../../../models/transformer/nodes';
import { randomTokens, randomWeights, tinyConfig, variants } from '../../support/models';

const ANSWERS = [3, 7, 12];
const config = tinyConfig(variants['AbsTopK 1/2']);
const weights = randomWeights(config, 5);
const rng = new Rng('prompts');
const prompts = Array.from({ length: 8 }, (_, i) => ({
  tokens: Int32Array.from(randomTokens(config, i, 3 + rng.int(8))),
  first: ANSWERS[i % 2],
  second: ANSWERS[2],
  sign: i % 2 === 0 ? (1 as const) : (-1 as const),
}));
const all = NodeSet.all(config);
const means = new Map(
  allSites(config).map(({ name }) => {
    const width = all.sites.find(({ site }) => site === name)?.indices.length ?? config.dModel;
    return [name, Float32Array.from({ length: width }, () => 0.3 * rng.normal())];
  }),
);
/** Nodes of some sites few, of others most, so that both ways of writing a matrix are met. */
const few = all.filter((place) => place % 7 === 0 || place % 64 < 20);
const options = { weights, means, nodes: few, answers: ANSWERS, machines: new Machines(1) };

const random = (scale: number) => Float64Array.from(few.nodes, () => scale * rng.normal());
const levels: Levels = { low: random(0.5), high: random(0.5), threshold: random(0.2) };

describe('nodes at two levels', () => {
  it('are, with both levels at the mean, closed', async () => {
    const model = new LevelModel(options);
    const mean = Float64Array.from(
      few.sites.flatMap(({ site, indices }) => [...indices].map((i) => means.get(site)![i])),
    );
    const flat = { low: mean, high: mean, threshold: random(1) };
    const found = await model.differences(prompts, flat);
    const gated = new MaskedModel(options);
    const [closed] = await gated.differences(prompts, [new Float32Array(few.count)]);
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(closed[i], 4);
    });
    const moved = await model.differences(prompts, levels);
    expect(moved.some((value, i) => Math.abs(value - closed[i]) > 0.01)).toBe(true);
    await model.release();
    await gated.release();
  });

  it('are watched token by token, as they are with nothing else open', async () => {
    const model = new LevelModel(options);
    const seen = await model.activations(prompts);
    const tokens = prompts.reduce((sum, prompt) => sum + prompt.tokens.length, 0);
    expect(seen).toHaveLength(few.count);
    for (const one of seen) expect(one).toHaveLength(tokens);
    // A node whose levels are what it is does not change an answer: two prompts, one token each.
    const single = [0, 1].map((i) => ({ ...prompts[i], tokens: Int32Array.of(5 + i) }));
    const [at] = [await model.activations(single)];
    const exact = {
      low: Float64Array.from(at, ([a, b]) => Math.min(a, b)),
      high: Float64Array.from(at, ([a, b]) => Math.max(a, b)),
      threshold: Float64Array.from(at, ([a, b]) => (a + b) / 2),
    };
    const gated = new MaskedModel(options);
    const [open] = await gated.differences(single, [new Float32Array(few.count).fill(1)]);
    const found = await model.differences(single, exact);
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(open[i], 4);
    });
    expect(open[0]).not.toBeCloseTo(open[1], 3);
    await model.release();
    await gated.release();
  });

  it('have the gradient of soft steps', async () => {
    const model = new LevelModel(options);
    const slope = random(0).map(() => 1.5);
    const found = await model.gradient(prompts, levels, slope);
    const length = roundedLength(prompts, config.context);
    const graph = levelGradientGraph(
      { ...options, config, nodes: few.bySite() },
      prompts.length,
      length,
    );
    const session = await createSession(graph, 1);
    const lossAt = async (one: Levels) => {
      const arrays = {
        ...promptFeeds(prompts, length, ANSWERS),
        ...lossFeeds(prompts, { scale: 1, shift: 'centred' }),
      };
      const feeds = Object.fromEntries(
        Object.entries(arrays).map(([name, { data, dims }]) => [
          name,
          data instanceof Float32Array
            ? new ort.Tensor('float32', data, dims)
            : new ort.Tensor('int32', data, dims),
        ]),
      );
      for (const { site, indices, offset } of few.sites) {
        for (const what of [...FITTED, 'slope'] as const) {
          const values = what === 'slope' ? slope : one[what];
          const own = Float32Array.from(values.subarray(offset, offset + indices.length));
          feeds[levelInput(what, site)] = new ort.Tensor('float32', own, [own.length]);
        }
      }
      return (await session.run(feeds))[MASK_LOSS].data[0] as number;
    };
    for (const what of FITTED) {
      const largest = found[what].reduce(
        (best, value, i) => (Math.abs(value) > Math.abs(found[what][best]) ? i : best),
        0,
      );
      const step = 0.02;
      const moved = async (by: number) => {
        const values = levels[what].slice();
        values[largest] += by;
        return lossAt({ ...levels, [what]: values });
      };
      const slopeThere = ((await moved(step)) - (await moved(-step))) / (2 * step);
      expect(Math.abs(found[what][largest])).toBeGreaterThan(1e-4);
      expect(found[what][largest] / slopeThere, what).toBeCloseTo(1, 1);
    }
    await session.release();
    await model.release();
  });
});

describe('the best split', () => {
  it('divides two clusters between them, at their means', () => {
    expect(bestSplit([1, 5.5, 0.5, 6.5, 0])).toMatchObject({ low: 0.5, high: 6, threshold: 3.25 });
  });

  it('of one number has one level', () => {
    const { low, high, spread } = bestSplit([2, 2, 2]);
    expect([low, high]).toEqual([2, 2]);
    expect(spread).toBeGreaterThan(0);
  });
});
