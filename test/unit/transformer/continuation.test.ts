import { describe, expect, it } from 'vitest';
import { siteWidth, type TransformerConfig } from '../../../models/transformer/config';
import {
  addInput,
  continuationGraph,
  inferenceGraph,
  keepInput,
  LOGPROBS,
  PAST_ROWS,
  pastInput,
} from '../../../models/transformer/graphs';
import { allSites } from '../../../models/transformer/nodes';
import type { Weights } from '../../../models/transformer/parameters';
import { array, expectClose, type NdArray } from '../../support/arrays';
import { evaluate, type Feeds } from '../../support/evaluate';
import { filled, logProbabilities, plainFeeds, stack } from '../../support/inference';
import { randomTokens, randomWeights, tinyConfig, variants } from '../../support/models';
import { OnnxGraph, runOnnx } from '../../support/onnxGraph';
import { referenceForward, type Rows } from '../../support/reference';

/** As for the inference graph. */
const FLOAT32 = 1e-5;
const FLOAT64 = 2e-7;

/** Earlier keys and values, the mask of those that exist, and the tokens [batch][pos] after them. */
function feedsAt(
  config: TransformerConfig,
  sites: ReadonlyMap<string, Rows>,
  position: number,
  tokens: readonly (readonly number[])[],
): Record<string, NdArray> {
  const { context, layers, heads, dHead } = config;
  const length = tokens[0].length;
  const count = (from: number) => Array.from({ length }, (_, i) => from + i);
  const exists = Array.from({ length: context }, (_, pos) => pos < position);
  const feeds: Record<string, NdArray> = {
    tokens: array([tokens.length, length], tokens.flat()),
    index: array([length], count(position)),
    [PAST_ROWS]: array([length], count(0)),
    read: array([1], [length - 1]),
  };
  for (let layer = 0; layer < layers; layer++) {
    for (const part of ['k', 'v'] as const) {
      const rows = sites.get(`${layer}.attn.${part}`)!;
      // What is masked may be anything.
      const padded = exists.flatMap((known, pos) =>
        known ? [...rows[pos]] : Array<number>(heads * dHead).fill(50),
      );
      feeds[pastInput(layer, part)] = array([context, heads * dHead], padded);
    }
  }
  for (const { name, site } of allSites(config)) {
    feeds[keepInput(name)] = filled([1, 1, siteWidth(config, site)], 1);
    feeds[addInput(name)] = filled([1, 1, siteWidth(config, site)], 0);
  }
  return feeds;
}

/** Fails unless the outputs are the last positions of the reference on the tokens. */
function expectLast(
  config: TransformerConfig,
  weights: Weights,
  tokens: readonly number[],
  outputs: Readonly<Record<string, NdArray>>,
  tolerance: number,
): void {
  const { sites, logits } = referenceForward(config, weights, tokens);
  const last = (rows: Rows, count = 1) => stack([rows.slice(-count)]);
  for (const { name } of allSites(config)) {
    const rows = last(sites.get(name)!, outputs[name].shape[1]);
    expectClose(outputs[name], rows, tolerance, name);
  }
  expectClose(outputs[LOGPROBS], last(logProbabilities(logits)), tolerance, LOGPROBS);
}

const named = Object.entries(variants).map(([name, overrides], i) => {
  const config = tinyConfig(overrides);
  return {
    name,
    config,
    weights: randomWeights(config, i + 1),
    tokens: randomTokens(config, i, 9),
  };
});

describe('positions after a known text', () => {
  it.each(named)('are the reference’s, three at once: $name', ({ config, weights, tokens }) => {
    const { sites } = referenceForward(config, weights, tokens);
    const feeds = feedsAt(config, sites, 6, [tokens.slice(6)]);
    const outputs = evaluate(continuationGraph(config, weights), feeds);
    expect(outputs[LOGPROBS].shape).toEqual([1, 1, config.vocab]);
    expectLast(config, weights, tokens, outputs, FLOAT64);
  });
});

describe('one position after a known text', () => {
  it.each(named)('is the reference’s in float64: $name', ({ config, weights, tokens }) => {
    const { sites } = referenceForward(config, weights, tokens);
    const outputs = evaluate(
      continuationGraph(config, weights),
      feedsAt(config, sites, 8, [[tokens[8]]]),
    );
    expectLast(config, weights, tokens, outputs, FLOAT64);
  });

  it.each(named)(
    'is the reference’s in ONNX Runtime: $name',
    async ({ config, weights, tokens }) => {
      const { sites } = referenceForward(config, weights, tokens);
      const outputs = await runOnnx(
        continuationGraph(config, weights),
        feedsAt(config, sites, 8, [[tokens[8]]]),
      );
      expectLast(config, weights, tokens, outputs, FLOAT32);
    },
  );

  // Elsewhere, and where heads have one channel, ONNX Runtime may add up products of matrices in an
  // order that depends on their sizes.
  it.runIf(process.arch === 'x64').each(named.filter(({ config }) => config.dHead > 1))(
    'is what the whole text gives, to the last bit: $name',
    async ({ config, weights, tokens }) => {
      const whole = await OnnxGraph.load(inferenceGraph(config, weights));
      const continued = await OnnxGraph.load(continuationGraph(config, weights));
      const everything = await whole.run(plainFeeds(config, [tokens]));
      const rows = new Map(
        allSites(config).map(({ name, site }) => {
          const width = siteWidth(config, site);
          const { data } = everything[name];
          return [name, tokens.map((_, i) => data.slice(i * width, (i + 1) * width))] as const;
        }),
      );
      for (const position of [1, 5, 6, 8]) {
        const rest = tokens.slice(position);
        const outputs = await continued.run(feedsAt(config, rows, position, [rest, rest]));
        for (const { name } of allSites(config)) {
          const expected = rows
            .get(name)!
            .slice(position)
            .map((row) => [...row]);
          const own = outputs[name].data.slice(0, outputs[name].data.length / 2);
          expect([...own], `${name} from ${position}`).toEqual(expected.flat());
        }
        const logprobs = [...outputs[LOGPROBS].data.slice(0, config.vocab)];
        expect(logprobs).toEqual([...everything[LOGPROBS].data.slice(-config.vocab)]);
      }
      await whole.release();
      await continued.release();
    },
  );

  it('may be any position, the first and the last of the context too', async () => {
    const config = tinyConfig();
    const weights = randomWeights(config, 1);
    const tokens = randomTokens(config, 1, config.context);
    const { sites } = referenceForward(config, weights, tokens);
    const model = await OnnxGraph.load(continuationGraph(config, weights));
    for (let position = 0; position < config.context; position++) {
      const outputs = await model.run(feedsAt(config, sites, position, [[tokens[position]]]));
      expectLast(config, weights, tokens.slice(0, position + 1), outputs, FLOAT32);
    }
    await model.release();
  });

  it('in many variants at once is each as if alone', async () => {
    const config = tinyConfig();
    const weights = randomWeights(config, 2);
    const tokens = randomTokens(config, 2, 7);
    const width = config.dMlp;
    const { sites } = referenceForward(config, weights, tokens);
    const keep = [0, 1, 2].map((row) =>
      Array.from({ length: width }, (_, i) => (i === row ? 0 : 1)),
    );
    const add = keep.map((row) => row.map((kept) => (kept === 1 ? 0 : 0.7)));
    const feeds: Feeds = {
      ...feedsAt(config, sites, 6, Array<number[]>(3).fill([tokens[6]])),
      [keepInput('0.mlp.post_act')]: array([3, 1, width], keep.flat()),
      [addInput('0.mlp.post_act')]: array([3, 1, width], add.flat()),
    };
    const outputs = await runOnnx(continuationGraph(config, weights), feeds);
    expect(outputs[LOGPROBS].shape).toEqual([3, 1, config.vocab]);
    const untouched = { keep: Array<number>(width).fill(1), add: Array<number>(width).fill(0) };
    const expected = keep.flatMap((row, i) => {
      const before = tokens.slice(1);
      const intervention = {
        keep: [...before.map(() => untouched.keep), row],
        add: [...before.map(() => untouched.add), add[i]],
      };
      const result = referenceForward(config, weights, tokens, { '0.mlp.post_act': intervention });
      return [...logProbabilities(result.logits)[6]];
    });
    const shape = outputs[LOGPROBS].shape;
    expectClose(outputs[LOGPROBS], array(shape, expected), FLOAT32, LOGPROBS);
  });
});
