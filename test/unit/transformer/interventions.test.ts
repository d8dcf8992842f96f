import { describe, expect, it } from 'vitest';
import { Rng } from '../../../models/random';
import { siteWidth, type Site } from '../../../models/transformer/config';
import { addInput, inferenceGraph, keepInput } from '../../../models/transformer/graphs';
import { allSites } from '../../../models/transformer/nodes';
import { evaluate } from '../../support/evaluate';
import {
  expectReference,
  filled,
  intervenedFeeds,
  plainFeeds,
  type Interventions,
} from '../../support/inference';
import { randomTokens, randomWeights, tinyConfig } from '../../support/models';
import { OnnxGraph, runOnnx } from '../../support/onnxGraph';

/** As for parity without interventions; the numbers put in are of the size of the model's own. */
const TOLERANCE = 1e-5;
/** Every constant of this model's graph but the norm's epsilon is exact in float32. */
const FLOAT64 = 1e-9;
const LENGTH = 8;
const config = tinyConfig();
const weights = randomWeights(config, 7);
const graph = inferenceGraph(config, weights);

/** At some nodes of a site and some positions, x becomes x * keep + add. */
function at(
  layer: number,
  site: Site,
  nodes: readonly number[],
  keep: number,
  add: (pos: number, node: number) => number = () => 0,
  touches: (pos: number) => boolean = () => true,
): Interventions {
  const rows = (untouched: number, touched: (pos: number, node: number) => number) =>
    Array.from({ length: LENGTH }, (_, pos) =>
      Array.from({ length: siteWidth(config, site) }, (_, node) =>
        touches(pos) && nodes.includes(node) ? touched(pos, node) : untouched,
      ),
    );
  return { [`${layer}.${site}`]: { keep: rows(1, () => keep), add: rows(0, add) } };
}

const kinds: Record<string, Interventions> = {
  nothing: {},
  'a neuron at zero': at(0, 'mlp.post_act', [3], 0),
  'channels at their means': at(0, 'attn.resid_delta', [0, 5, 9], 0, (_, node) => 0.1 * node - 0.3),
  'a value at one position': at(
    1,
    'attn.v',
    [2],
    0,
    () => 1.5,
    (pos) => pos === 4,
  ),
  'halved from here on': at(
    1,
    'attn.q',
    [0, 1, 2, 3],
    0.5,
    () => 0,
    (pos) => pos >= 3,
  ),
  'turned round': at(0, 'attn.k', [6], -1),
  'another text’s activations': at(
    0,
    'mlp.act_in',
    [0, 7, 18],
    0,
    (pos, node) => 0.2 * pos - 0.1 * node,
  ),
  'a whole site off': at(1, 'mlp.resid_delta', [...Array(16).keys()], 0),
  'several sites': {
    ...at(0, 'attn.act_in', [1], 0),
    ...at(1, 'mlp.post_act', [30, 31], 2, () => -1),
  },
};

describe('interventions', () => {
  it.each(Object.entries(kinds))('are the reference’s in float64: %s', (_, set) => {
    const tokens = [randomTokens(config, 1, LENGTH)];
    const outputs = evaluate(graph, intervenedFeeds(config, tokens, [set]));
    expectReference(config, weights, tokens, [set], outputs, FLOAT64);
  });

  it('all in one call, on one text, are each as if alone', async () => {
    const sets = Object.values(kinds);
    const tokens = sets.map(() => randomTokens(config, 1, LENGTH));
    const outputs = await runOnnx(graph, intervenedFeeds(config, tokens, sets));
    expectReference(config, weights, tokens, sets, outputs, TOLERANCE);
  });

  it('all in one call, each on another text, are each as if alone', async () => {
    const sets = Object.values(kinds);
    const tokens = sets.map((_, row) => randomTokens(config, row, LENGTH));
    const outputs = await runOnnx(graph, intervenedFeeds(config, tokens, sets));
    expectReference(config, weights, tokens, sets, outputs, TOLERANCE);
  });

  it('on random nodes of every site at once are the reference’s', async () => {
    const model = await OnnxGraph.load(graph);
    for (let seed = 0; seed < 5; seed++) {
      const sets = [0, 1].map((row) => randomSet(new Rng('sets', seed, row)));
      const tokens = sets.map((_, row) => randomTokens(config, 10 * seed + row, LENGTH));
      const outputs = await model.run(intervenedFeeds(config, tokens, sets));
      expectReference(config, weights, tokens, sets, outputs, TOLERANCE);
    }
    await model.release();
  });

  it.each([
    ['one for all', 1, 1],
    ['one a sequence', 2, 1],
    ['one a position', 1, LENGTH],
  ])('may be given as %s', async (_, batch, pos) => {
    const tokens = [randomTokens(config, 1, LENGTH), randomTokens(config, 2, LENGTH)];
    const feeds = {
      ...plainFeeds(config, tokens),
      [keepInput('0.mlp.post_act')]: filled([batch, pos, 32], 0.5),
      [addInput('0.mlp.post_act')]: filled([1, 1, 32], 0.25),
    };
    const set = at(0, 'mlp.post_act', [...Array(32).keys()], 0.5, () => 0.25);
    const outputs = await runOnnx(graph, feeds);
    expectReference(config, weights, tokens, [set, set], outputs, TOLERANCE);
  });

  it('change nothing before their site, and nothing in other sequences', async () => {
    const tokens = [randomTokens(config, 1, LENGTH), randomTokens(config, 1, LENGTH)];
    const sets = [{}, at(1, 'attn.v', [0], 0, () => 2)];
    const outputs = await runOnnx(graph, intervenedFeeds(config, tokens, sets));
    const halves = (name: string) => {
      const { data } = outputs[name];
      return [data.subarray(0, data.length / 2), data.subarray(data.length / 2)];
    };
    const changed = allSites(config).map(({ name }) => {
      const [plain, intervened] = halves(name);
      return plain.every((x, i) => x === intervened[i]) ? null : name;
    });
    expect(changed.filter(Boolean)).toEqual([
      '1.attn.v',
      '1.attn.resid_delta',
      '1.mlp.act_in',
      '1.mlp.post_act',
      '1.mlp.resid_delta',
    ]);
  });
});

/** Some nodes of every site kept, scaled, and set. */
function randomSet(rng: Rng): Interventions {
  const sites = allSites(config).map(({ name, site }) => {
    const rows = (one: () => number) =>
      Array.from({ length: LENGTH }, () => Array.from({ length: siteWidth(config, site) }, one));
    const keep = rows(() => (rng.chance(0.8) ? 1 : rng.normal()));
    const add = rows(() => (rng.chance(0.8) ? 0 : rng.normal()));
    return [name, { keep, add }] as const;
  });
  return Object.fromEntries(sites);
}
