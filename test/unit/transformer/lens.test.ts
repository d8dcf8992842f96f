/** The logit lens against models that really end after a layer: the same weights, fewer layers. */
import { describe, expect, it } from 'vitest';
import {
  inferenceGraph,
  LOGIT_ROW,
  LOGPROBS,
  streamOutput,
} from '../../../models/transformer/graphs';
import { lensGraph, STREAM } from '../../../models/transformer/lens';
import { array, expectClose } from '../../support/arrays';
import { evaluate } from '../../support/evaluate';
import { logProbabilities, plainFeeds } from '../../support/inference';
import { randomTokens, randomWeights, tinyConfig, variants } from '../../support/models';
import { runOnnx } from '../../support/onnxGraph';
import { referenceForward } from '../../support/reference';

/** As for the model’s own predictions. */
const FLOAT32 = 1e-5;
const FLOAT64 = 2e-7;
const named = Object.entries(variants).map(([name, overrides]) => ({ name, overrides }));

describe.each([
  { engine: 'ONNX Runtime', run: runOnnx, tolerance: FLOAT32 },
  { engine: 'float64', run: evaluate, tolerance: FLOAT64 },
])('in $engine', ({ run, tolerance }) => {
  it.each(named)(
    'predicts what the model would predict that ended there: $name',
    async ({ overrides }) => {
      const config = tinyConfig(overrides);
      const { dModel, vocab, layers } = config;
      const weights = randomWeights(config, 4);
      const tokens = randomTokens(config, 2, 7);
      const last = tokens.length - 1;
      const outputs = await run(inferenceGraph(config, weights), plainFeeds(config, [tokens]));
      const streams = Array.from({ length: layers + 1 }, (_, count) => {
        const { data } = outputs[streamOutput(count)];
        return Array.from(data.slice(last * dModel, (last + 1) * dModel));
      });
      const table = weights.get('bigram.table');
      const row = Array.from(
        table?.slice(tokens[last] * vocab, (tokens[last] + 1) * vocab) ?? new Float32Array(vocab),
      );
      const found = await run(lensGraph(config, weights), {
        [STREAM]: array([1, layers + 1, dModel], streams.flat()),
        [LOGIT_ROW]: array([1, 1, vocab], row),
      });
      const expected = streams.map((_, count) => {
        const { logits } = referenceForward({ ...config, layers: count }, weights, tokens);
        return Array.from(logProbabilities(logits)[last]);
      });
      expectClose(
        found[LOGPROBS],
        array([1, layers + 1, vocab], expected.flat()),
        tolerance,
        LOGPROBS,
      );
      expect(new Set(expected.map((each) => each[0])).size).toBeGreaterThan(1);
    },
  );
});
