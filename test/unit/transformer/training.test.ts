import { describe, expect, it } from 'vitest';
import { Rng } from '../../../models/random';
import { everySite, type TransformerConfig } from '../../../models/transformer/config';
import {
  evaluationGraph,
  gradientOutput,
  LOSS_OUTPUT,
  trainingGraph,
} from '../../../models/transformer/graphs';
import { parameterSpecs, type Weights } from '../../../models/transformer/parameters';
import { array, expectClose, type NdArray } from '../../support/arrays';
import { differences, GRADIENT_TOLERANCE } from '../../support/checkGradient';
import { evaluate, type Feeds } from '../../support/evaluate';
import { logProbabilities } from '../../support/inference';
import { randomTokens, randomWeights, tinyConfig, variants } from '../../support/models';
import { runOnnx } from '../../support/onnxGraph';
import { referenceForward } from '../../support/reference';

/**
 * Gradients in float32, each entry a mean over 24 tokens through two layers and back, at most about
 * 0.1. The largest error seen is 2e-7.
 */
const FLOAT32 = 1e-6;
const BATCH = 2;

interface Example {
  readonly config: TransformerConfig;
  readonly weights: Weights;
  readonly tokens: number[][];
  readonly targets: number[][];
  readonly feeds: Feeds;
}

function makeExample(overrides: Partial<TransformerConfig>, seed: number): Example {
  const config = tinyConfig(overrides);
  const weights = randomWeights(config, seed);
  const rows = Array.from({ length: BATCH }, (_, row) =>
    randomTokens(config, 10 * seed + row, config.context + 1),
  );
  const tokens = rows.map((row) => row.slice(0, -1));
  const targets = rows.map((row) => row.slice(1));
  const feeds: Record<string, NdArray> = {
    tokens: array([BATCH, config.context], tokens.flat()),
    targets: array([BATCH, config.context], targets.flat()),
  };
  for (const { name, shape } of parameterSpecs(config)) {
    feeds[name] = array(shape, weights.get(name)!);
  }
  return { config, weights, tokens, targets, feeds };
}

const named = Object.entries(variants).map(([name, overrides], i) => ({
  name,
  example: makeExample(overrides, i + 1),
}));

describe('the loss', () => {
  it.each(named)('is the mean of the reference’s surprisals: $name', ({ example }) => {
    const { config, weights, tokens, targets, feeds } = example;
    const surprisals = tokens.flatMap((row, i) => {
      const logprobs = logProbabilities(referenceForward(config, weights, row).logits);
      return targets[i].map((target, pos) => -logprobs[pos][target]);
    });
    const mean = surprisals.reduce((a, b) => a + b) / surprisals.length;
    const { loss } = evaluate(evaluationGraph(config, BATCH), feeds);
    expectClose(loss, array([], [mean]), GRADIENT_TOLERANCE, 'loss');
  });

  it('is the same number in the evaluation and the training graph', async () => {
    const { config, feeds } = makeExample({}, 3);
    const training = await runOnnx(trainingGraph(config, BATCH), feeds);
    const evaluation = await runOnnx(evaluationGraph(config, BATCH), feeds);
    expectClose(training[LOSS_OUTPUT], evaluation[LOSS_OUTPUT], 1e-6, 'loss');
  });
});

/** Small enough for a few hundred evaluations. */
const small: Partial<TransformerConfig> = {
  ...{ dModel: 6, heads: 2, dHead: 3, dMlp: 8, vocab: 7, context: 4, positions: 2 },
  bigram: 'trained',
};
const wholeModels: Record<string, Partial<TransformerConfig>> = {
  'every part on': small,
  'dense, tied, no norm, ReLU': {
    ...small,
    ...{ activationFraction: everySite(1), tiedEmbeddings: true, norm: 'none', activation: 'relu' },
  },
  'no sinks, positions or biases': { ...small, sinks: false, positions: 0, biases: false },
};

describe('the training graph’s gradients', () => {
  it.each(Object.entries(wholeModels))(
    'are central differences of the loss: %s',
    (_, overrides) => {
      const { config, feeds } = makeExample(overrides, 1);
      const outputs = trainingGraph(config, BATCH);
      const results = evaluate(outputs, feeds);
      for (const { name } of parameterSpecs(config)) {
        const { data } = results[gradientOutput(name)];
        const rng = new Rng('entries', name);
        const entries = rng.shuffle([...data.keys()]).slice(0, 2);
        const numeric = differences(outputs[LOSS_OUTPUT], feeds, name, entries);
        const analytic = array(
          [entries.length],
          entries.map((entry) => data[entry]),
        );
        const what = `gradient by ${name}, entries ${entries.join(', ')}`;
        expectClose(analytic, array([entries.length], numeric), GRADIENT_TOLERANCE, what);
      }
    },
  );

  it.each(named)('in ONNX Runtime are the evaluator’s: $name', async ({ example }) => {
    const outputs = trainingGraph(example.config, BATCH);
    const expected = evaluate(outputs, example.feeds);
    const actual = await runOnnx(outputs, example.feeds);
    for (const name of Object.keys(outputs)) {
      expectClose(actual[name], expected[name], FLOAT32, name);
    }
  });

  it('are of every trained parameter and of no other', () => {
    const gradientsOf = (bigram: TransformerConfig['bigram']) =>
      Object.keys(trainingGraph(tinyConfig({ bigram }), BATCH)).filter((x) => x !== LOSS_OUTPUT);
    const names = parameterSpecs(tinyConfig()).map((spec) => spec.name);
    const withoutTable = names.filter((name) => name !== 'bigram.table');
    expect(gradientsOf('frozen')).toEqual(withoutTable.map(gradientOutput));
    expect(gradientsOf('trained')).toEqual(names.map(gradientOutput));
  });

  it('are nowhere zero for a whole parameter, so that every part learns', () => {
    const { config, feeds } = makeExample({ bigram: 'trained' }, 1);
    const results = evaluate(trainingGraph(config, BATCH), feeds);
    const idle = Object.keys(results).filter((name) => results[name].data.every((x) => x === 0));
    expect(idle).toEqual([]);
  });
});
