import { describe, expect, it } from 'vitest';
import { everySite, type TransformerConfig } from '../../../models/transformer/config';
import { inferenceGraph } from '../../../models/transformer/graphs';
import { evaluate } from '../../support/evaluate';
import { expectReference, plainFeeds } from '../../support/inference';
import { randomTokens, randomWeights, tinyConfig } from '../../support/models';
import { OnnxGraph, runOnnx } from '../../support/onnxGraph';
import { array } from '../../support/arrays';

/**
 * Float32 through two layers: sums of up to 40 products, each good to 6e-8 of its largest term, and
 * logits of up to 20. The largest error seen is 3e-6.
 */
const FLOAT32 = 2e-5;
/** Both in float64; only the graph's constants, such as 1/dModel, are float32. */
const FLOAT64 = 1e-6;

const variants: Record<string, Partial<TransformerConfig>> = {
  'AbsTopK 1/2': {},
  'AbsTopK 1/4': { activationFraction: everySite(0.25) },
  'another fraction at every site': {
    activationFraction: {
      'attn.act_in': 0.9,
      'attn.q': 0.1,
      'attn.k': 0.2,
      'attn.v': 0.4,
      'attn.resid_delta': 0.5,
      'mlp.act_in': 0.6,
      'mlp.post_act': 0.7,
      'mlp.resid_delta': 1,
    },
  },
  'dense activations': { activationFraction: everySite(1) },
  'no biases': { biases: false },
  'no sinks': { sinks: false },
  'no positions': { positions: 0 },
  ReLU: { activation: 'relu' },
  'tied embeddings': { tiedEmbeddings: true },
  'no norm': { norm: 'none' },
  'no bigram table': { bigram: 'none' },
  'trained bigram table': { bigram: 'trained' },
  'heads wider than the residual stream': { heads: 3, dHead: 8 },
  'one layer, one head, one channel each': { layers: 1, heads: 1, dHead: 1, dMlp: 1 },
  'everything off': {
    ...{ activationFraction: everySite(1), norm: 'none', activation: 'relu', biases: false },
    ...{ sinks: false, bigram: 'none', tiedEmbeddings: true, positions: 0 },
  },
};

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
