import { describe, expect, it } from 'vitest';
import { inferenceGraph } from '../../../models/transformer/graphs';
import { array } from '../../support/arrays';
import { evaluate } from '../../support/evaluate';
import { expectReference, plainFeeds } from '../../support/inference';
import { randomTokens, randomWeights, tinyConfig, variants } from '../../support/models';
import { OnnxGraph, runOnnx } from '../../support/onnxGraph';

/**
 * Float32 through two layers: sums of up to 40 products, each good to 6e-8 of its largest term, and
 * logits of up to 20. The largest error seen is 1.4e-6.
 */
const FLOAT32 = 1e-5;
/** Both in float64; only the graph's constants, such as 1/sqrt(dHead), are float32: 3e-8. */
const FLOAT64 = 2e-7;

const named = Object.entries(variants).map(([name, overrides], i) => {
  const config = tinyConfig(overrides);
  const tokens = [0, 1, 2].map((row) => randomTokens(config, 10 * i + row, 9));
  return { name, config, weights: randomWeights(config, i + 1), tokens };
});

describe('every site of every layer, and the log-probabilities, are the reference’s', () => {
  it.each(named)('in ONNX Runtime: $name', async ({ config, weights, tokens }) => {
    const outputs = await runOnnx(inferenceGraph(config, weights), plainFeeds(config, tokens));
    expectReference(config, weights, tokens, [], outputs, FLOAT32);
  });

  it.each(named)('in float64: $name', ({ config, weights, tokens }) => {
    const outputs = evaluate(inferenceGraph(config, weights), plainFeeds(config, [tokens[0]]));
    expectReference(config, weights, [tokens[0]], [], outputs, FLOAT64);
  });

  it('with nine of ten weights zero', async () => {
    const config = tinyConfig();
    const weights = randomWeights(config, 5, 0.1);
    const tokens = [randomTokens(config, 1, 12)];
    const outputs = await runOnnx(inferenceGraph(config, weights), plainFeeds(config, tokens));
    expectReference(config, weights, tokens, [], outputs, FLOAT32);
  });
});

describe('one loaded model', () => {
  const config = tinyConfig();
  const weights = randomWeights(config, 1);

  it('reads any number of sequences of any length up to the context', async () => {
    const model = await OnnxGraph.load(inferenceGraph(config, weights));
    for (const [batch, length] of [
      [1, 1],
      [1, 12],
      [4, 1],
      [2, 5],
    ]) {
      const rows = Array.from({ length: batch }, (_, i) => randomTokens(config, i, length));
      const outputs = await model.run(plainFeeds(config, rows));
      expectReference(config, weights, rows, [], outputs, FLOAT32);
    }
    await model.release();
  });

  it('predicts only where it is asked to, in the order asked for', async () => {
    const tokens = [randomTokens(config, 1, 8), randomTokens(config, 2, 8)];
    const feeds = plainFeeds(config, tokens);
    const graph = inferenceGraph(config, weights);
    const all = await runOnnx(graph, feeds);
    const some = await runOnnx(graph, { ...feeds, read: array([3], [7, 0, 7]) });
    expect(some.logprobs.shape).toEqual([2, 3, config.vocab]);
    const row = (batch: number, pos: number) =>
      all.logprobs.data.subarray((batch * 8 + pos) * config.vocab).slice(0, config.vocab);
    const expected = [row(0, 7), row(0, 0), row(0, 7), row(1, 7), row(1, 0), row(1, 7)];
    expect([...some.logprobs.data]).toEqual(expected.flatMap((x) => [...x]));
  });

  it('never looks ahead: what comes later changes nothing before it', async () => {
    const tokens = randomTokens(config, 3, 10);
    const changed = tokens.map((token, pos) => (pos < 6 ? token : (token + 1) % config.vocab));
    const outputs = await runOnnx(
      inferenceGraph(config, weights),
      plainFeeds(config, [tokens, changed]),
    );
    for (const { shape, data } of Object.values(outputs)) {
      const before = 6 * shape[2];
      const second = data.length / 2;
      expect(data.subarray(second, second + before)).toEqual(data.subarray(0, before));
    }
  });
});
