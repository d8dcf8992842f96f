/** No prediction depends on a later token, whatever numbers interventions or weights put into the scores. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everySite, siteWidth, type TransformerConfig } from '../../../models/transformer/config';
import {
  addInput,
  continuationGraph,
  inferenceGraph,
  keepInput,
  LOGIT_ROW,
  LOGPROBS,
  PAST_ROWS,
  pastInput,
  slopeGraph,
  slopeOutput,
  TARGET,
  trainingGraph,
} from '../../../models/transformer/graphs';
import {
  DIFFERENCE,
  gateGradient,
  gateInput,
  maskGradientGraph,
} from '../../../models/transformer/maskGraph';
import { allSites, siteName } from '../../../models/transformer/nodes';
import { parameterSpecs, type Weights } from '../../../models/transformer/parameters';
import { array, sizeOf, type NdArray } from '../../support/arrays';
import { filled, plainFeeds } from '../../support/inference';
import {
  randomMeans,
  randomTokens,
  randomWeights,
  tinyConfig,
  variants,
} from '../../support/models';
import { OnnxGraph, runOnnx } from '../../support/onnxGraph';

const LENGTH = 10;
/** The later tokens begin here. */
const CUT = 6;
const chosen = ['AbsTopK 1/2', 'no sinks', 'no recency', 'neither sinks nor recency'];

/** Factors on queries and keys that put scores anywhere that float32 reaches. */
const factor = fc
  .tuple(fc.constantFrom(1, -1), fc.double({ min: -3, max: 9, noNaN: true }))
  .map(([sign, exponent]) => sign * 10 ** exponent);
const tokens = (vocab: number, length: number) =>
  fc.array(fc.nat(vocab - 1), { minLength: length, maxLength: length });

/** Entries of the first positions of an output [batch, pos, …]. */
function early({ shape, data }: NdArray): number[] {
  return [...data.subarray(0, CUT * sizeOf(shape.slice(2)))];
}

/** The same weights with every query and key weight times a factor. */
function scaledWeights(config: TransformerConfig, seed: number, by: number): Weights {
  const weights = randomWeights(config, seed);
  for (const [name, data] of weights) {
    if (/attn\.[qk]\./.test(name))
      weights.set(
        name,
        data.map((x) => x * by),
      );
  }
  return weights;
}

describe.each(chosen)('with %s, a later token changes no number before it', (variant) => {
  const config = tinyConfig({ ...variants[variant], activationFraction: everySite(0.5) });
  let graph: OnnxGraph;
  beforeAll(async () => {
    graph = await OnnxGraph.load(inferenceGraph(config, randomWeights(config, 3)));
  });
  afterAll(() => graph.release());

  it('under interventions of any size', async () => {
    const scale = fc.record({ q: factor, k: factor, v: factor });
    const text = tokens(config.vocab, CUT);
    const rest = tokens(config.vocab, LENGTH - CUT);
    await fc.assert(
      fc.asyncProperty(text, rest, rest, scale, async (first, a, b, by) => {
        const run = async (later: number[]) => {
          const feeds = plainFeeds(config, [[...first, ...later]]);
          for (const { name, site } of allSites(config)) {
            const part = site.slice('attn.'.length);
            if (part !== 'q' && part !== 'k' && part !== 'v') continue;
            feeds[keepInput(name)] = filled([1, 1, siteWidth(config, site)], by[part]);
          }
          return graph.run(feeds);
        };
        const [one, other] = [await run(a), await run(b)];
        for (const name of [LOGPROBS, ...allSites(config).map((site) => site.name)]) {
          expect(early(one[name]).every(Number.isFinite), name).toBe(true);
          expect(early(one[name]), name).toEqual(early(other[name]));
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('a later token changes nothing before it', () => {
  const config = tinyConfig({ context: LENGTH });
  const texts = [1, 2].map((seed) => [
    ...randomTokens(config, 0, CUT),
    ...randomTokens(config, seed, LENGTH - CUT),
  ]);

  it.each([1, 1e5, 1e9])('in a continuation, with scores times %d', async (by) => {
    const graph = continuationGraph(config, randomWeights(config, 3));
    const kept = CUT - 2;
    const run = (own: readonly number[], padding: number) => {
      const count = (from: number) =>
        array(
          [own.length],
          [...own.keys()].map((i) => from + i),
        );
      const known = [...Array(LENGTH).keys()].map((pos) => (pos < kept ? 1 : 0));
      const feeds: Record<string, NdArray> = {
        ...plainFeeds(config, [[...own]]),
        index: count(kept),
        read: array([1], [0]),
        [PAST_ROWS]: count(0),
      };
      for (let layer = 0; layer < config.layers; layer++) {
        for (const part of ['k', 'v'] as const) {
          const rows = known.flatMap((is, pos) =>
            Array.from({ length: 16 }, (_, c) => (is ? Math.sin(pos * 16 + c + layer) : padding)),
          );
          feeds[pastInput(layer, part)] = array([LENGTH, 16], rows);
        }
        for (const part of ['attn.q', 'attn.k'] as const) {
          feeds[keepInput(siteName(layer, part))] = filled([1, 1, 16], by);
        }
      }
      return runOnnx(graph, feeds);
    };
    const [first, a, b] = [texts[0][kept], texts[0].slice(kept + 1), texts[1].slice(kept + 1)];
    const one = await run([first, ...a], 0);
    const other = await run([first, ...b], 1e6);
    expect(one[LOGPROBS].data.every(Number.isFinite)).toBe(true);
    expect(one[LOGPROBS].data).toEqual(other[LOGPROBS].data);
  });

  it.each([1, 1e5, 1e9])('in the slopes of a prediction, with scores times %d', async (by) => {
    const graph = slopeGraph(config, randomWeights(config, 3), LENGTH);
    const run = (text: readonly number[]) => {
      const feeds: Record<string, NdArray> = {
        tokens: array([1, LENGTH], [...text]),
        read: array([1], [CUT - 1]),
        [LOGIT_ROW]: filled([1, config.vocab], 0),
        [TARGET]: array(
          [1, config.vocab],
          Array.from({ length: config.vocab }, (_, i) => +(i === 5)),
        ),
      };
      for (const { name, site } of allSites(config)) {
        const shape = [1, LENGTH, siteWidth(config, site)];
        const scaled = site === 'attn.q' || site === 'attn.k';
        feeds[keepInput(name)] = filled(shape, scaled ? by : 1);
        feeds[addInput(name)] = filled(shape, 0);
      }
      return runOnnx(graph, feeds);
    };
    const [one, other] = [await run(texts[0]), await run(texts[1])];
    for (const { name } of allSites(config)) {
      const slopes = one[slopeOutput(name)];
      expect(slopes.data.every(Number.isFinite), name).toBe(true);
      expect(early(slopes), name).toEqual(early(other[slopeOutput(name)]));
      const later = slopes.data.subarray((CUT * slopes.data.length) / LENGTH);
      expect(
        later.every((x) => x === 0),
        name,
      ).toBe(true);
    }
  });

  it.each([1, 1e5, 1e9])('in gates and their gradient, with weights times %d', async (by) => {
    const weights = scaledWeights(config, 3, by);
    const nodes = new Map(
      allSites(config).map(({ name, site }) => {
        return [name, Int32Array.from({ length: siteWidth(config, site) }, (_, i) => i)] as const;
      }),
    );
    const means = randomMeans(config, 3);
    const graph = maskGradientGraph({ config, weights, means, answers: [3, 7], nodes }, 1, LENGTH);
    const run = (text: readonly number[]) => {
      const feeds: Record<string, NdArray> = {
        tokens: array([1, LENGTH], [...text]),
        index: array([LENGTH], [...Array(LENGTH).keys()]),
        read: array(
          [1, 1, LENGTH],
          Array.from({ length: LENGTH }, (_, i) => +(i === CUT - 1)),
        ),
        last: array([1, 1], [text[CUT - 1]]),
        first: array([1, 1], [0]),
        second: array([1, 1], [1]),
        scale: array([], [1]),
        shift: array([], [0]),
        centre: array([], [0]),
        sign: array([1], [1]),
      };
      for (const [name, { length }] of nodes) feeds[gateInput(name)] = filled([length], 0.9);
      return runOnnx(graph, feeds);
    };
    const [one, other] = [await run(texts[0]), await run(texts[1])];
    for (const name of [DIFFERENCE, ...[...nodes.keys()].map(gateGradient)]) {
      expect(one[name].data.every(Number.isFinite), name).toBe(true);
      expect(one[name].data, name).toEqual(other[name].data);
    }
  });

  it.each([1, 1e4])('and gradients stay finite in training, with weights times %d', async (by) => {
    const feeds: Record<string, NdArray> = {
      tokens: array([1, LENGTH], texts[0]),
      targets: array([1, LENGTH], texts[1]),
    };
    const weights = scaledWeights(config, 3, by);
    for (const { name, shape } of parameterSpecs(config)) {
      feeds[name] = array(shape, weights.get(name)!);
    }
    for (const [name, { data }] of Object.entries(await runOnnx(trainingGraph(config, 1), feeds))) {
      expect(data.every(Number.isFinite), name).toBe(true);
    }
  });
});
