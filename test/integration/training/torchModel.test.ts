import { beforeAll, describe, expect, it } from 'vitest';
import {
  bridgeLossGraph,
  TERMS,
  TO_DENSE,
  TO_SPARSE,
  type TermWeights,
} from '../../../models/bridges/graph';
import { pairSpecs } from '../../../models/bridges/parameters';
import { modelSource, pairSource } from '../../../models/training/torch/modelSource';
import {
  gradientOutput,
  LOSS_OUTPUT,
  trainingGraph,
  withGradients,
} from '../../../models/transformer/graphs';
import { placesOf } from '../../../models/transformer/model';
import { parameterSpecs } from '../../../models/transformer/parameters';
import { array, expectClose, type NdArray } from '../../support/arrays';
import { pairFeeds, pairWeights, tinyPair } from '../../support/bridges';
import { randomTokens, randomWeights, tinyConfig, variants } from '../../support/models';
import { runOnnx } from '../../support/onnxGraph';
import { runPython, torchPython } from '../../support/python';

const BATCH = 3;
const TOLERANCE = 1e-4;

const PROGRAM = `
import json, sys, types
import torch

answers = []
for case in json.load(open(sys.argv[1])):
    module = types.ModuleType("model")
    exec(case["source"], module.__dict__)
    named = {}
    for name, (shape, data, trained) in case["weights"].items():
        tensor = torch.tensor(data, dtype=torch.float32).reshape(shape)
        named[name] = torch.nn.Parameter(tensor) if trained else tensor
    model = module.Model(named)
    tokens, targets = (torch.tensor(case[x], dtype=torch.int32) for x in ("tokens", "targets"))
    terms = model(tokens, targets, *(torch.tensor(x, dtype=torch.float32) for x in case["places"]))
    loss = terms @ torch.tensor(case["counts"], dtype=torch.float32)
    loss.backward()
    gradients = {n: p.grad.reshape(-1).tolist() for n, p in named.items() if p.requires_grad}
    trained = sum(1 for _ in model.parameters())
    terms = dict(zip(module.TERMS, terms.tolist()))
    answers.append({"loss": loss.item(), "terms": terms, "gradients": gradients, "trained": trained})
print(json.dumps(answers))
`;

interface Answer {
  readonly loss: number;
  readonly terms: Record<string, number>;
  readonly gradients: Record<string, number[]>;
  readonly trained: number;
}

const cases = Object.entries(variants).map(([name, overrides]) => {
  const config = tinyConfig(overrides);
  const specs = parameterSpecs(config);
  const weights = randomWeights(config, 5);
  const rows = (seed: number) =>
    Array.from({ length: BATCH }, (_, row) => randomTokens(config, seed + row, config.context));
  return { name, config, specs, weights, tokens: rows(10), targets: rows(20) };
});

describe.skipIf(!torchPython)('a model in PyTorch and ours', () => {
  let answers: Answer[];
  beforeAll(async () => {
    const input = cases.map(({ config, specs, weights, tokens, targets }) => ({
      ...{ source: modelSource(config), tokens, targets, places: [], counts: [1] },
      weights: Object.fromEntries(
        specs.map(({ name, shape, trained }) => [name, [shape, [...weights.get(name)!], trained]]),
      ),
    }));
    answers = await runPython<Answer[]>(PROGRAM, input);
  }, 120_000);

  it.each(cases.map((one, i) => [one.name, i] as const))(
    'have one loss and one gradient of every parameter: %s',
    async (_, i) => {
      const { config, specs, weights, tokens, targets } = cases[i];
      const feeds: Record<string, NdArray> = {
        tokens: array([BATCH, config.context], tokens.flat()),
        targets: array([BATCH, config.context], targets.flat()),
      };
      for (const { name, shape } of specs) feeds[name] = array(shape, weights.get(name)!);
      const own = await runOnnx(trainingGraph(config, BATCH), feeds);
      const { loss, gradients, trained } = answers[i];
      expectClose(array([], [loss]), own[LOSS_OUTPUT], TOLERANCE, 'loss');
      const wanted = specs.filter((spec) => spec.trained);
      for (const { name, shape } of wanted) {
        const gradient = array(shape, gradients[name]);
        expectClose(gradient, own[gradientOutput(name)], TOLERANCE, `gradient of ${name}`);
        expect(gradient.data.some((x) => x !== 0)).toBe(true);
      }
      expect(trained).toBe(wanted.length);
    },
  );
});

/** Each term counts by a number of its own, so that none stands for another. */
const counts: TermWeights = {
  ...{ crossEntropy: 0.7, encoderError: 1.3, decoderError: 0.9 },
  ...{ denseToSparse: 1.1, sparseToDense: 0.6 },
};
const pairs = Object.entries({
  'as the tests have them': tinyPair(),
  'encoders that keep all': { ...tinyPair(), encoderKept: 16 },
  'a dense model with positions, a trained table and ReLU': {
    ...tinyPair(),
    dense: { ...tinyPair().dense, positions: 2, bigram: 'trained', activation: 'relu' } as const,
  },
  'one layer, equal widths': tinyPair({ layers: 1, dModel: 16 }),
}).map(([name, pair]) => {
  const windows = placesOf(pair.sparse) + 1;
  const feeds = pairFeeds(pair, pairWeights(pair, 7), windows, (row, way) =>
    way === TO_SPARSE ? row % placesOf(pair.sparse) : (row + 1) % placesOf(pair.sparse),
  );
  return { name, pair, feeds, windows };
});

describe.skipIf(!torchPython)('a bridged pair in PyTorch and ours', () => {
  let answers: Answer[];
  beforeAll(async () => {
    const rows = ({ shape: [count, width], data }: NdArray) =>
      Array.from({ length: count }, (_, row) => [...data.subarray(row * width, (row + 1) * width)]);
    const input = pairs.map(({ pair, feeds }) => ({
      source: pairSource(pair),
      ...{ tokens: rows(feeds.tokens), targets: rows(feeds.targets) },
      places: [rows(feeds[TO_SPARSE]), rows(feeds[TO_DENSE])],
      counts: TERMS.map((term) => counts[term]),
      weights: Object.fromEntries(
        pairSpecs(pair).map(({ name, shape, trained }) => [
          name,
          [shape, [...feeds[name].data], trained],
        ]),
      ),
    }));
    answers = await runPython<Answer[]>(PROGRAM, input);
  }, 120_000);

  it.each(pairs.map((one, i) => [one.name, i] as const))(
    'have the same terms and one gradient of every parameter: %s',
    async (_, i) => {
      const { pair, feeds, windows } = pairs[i];
      const { specs, parameters, loss, terms } = bridgeLossGraph(pair, counts, windows);
      const own = await runOnnx({ ...terms, ...withGradients(loss, specs, parameters) }, feeds);
      const answer = answers[i];
      expectClose(array([], [answer.loss]), own[LOSS_OUTPUT], TOLERANCE, 'loss');
      for (const term of TERMS) {
        expectClose(array([], [answer.terms[term]]), own[term], TOLERANCE, term);
      }
      const wanted = specs.filter((spec) => spec.trained);
      expect(Object.keys(answer.gradients).sort()).toEqual(wanted.map(({ name }) => name).sort());
      for (const { name, shape } of wanted) {
        const gradient = array(shape, answer.gradients[name]);
        expectClose(gradient, own[gradientOutput(name)], TOLERANCE, `gradient of ${name}`);
        expect(gradient.data.some((x) => x !== 0)).toBe(true);
      }
    },
  );
});

describe('an emitted model', () => {
  it('has attention as one call, so that a graphics card can do it in one kernel', () => {
    expect(modelSource(tinyConfig())).toContain('= attend(');
  });

  it('names what its sites hold', () => {
    const source = modelSource(tinyConfig());
    expect(source).toMatch(/mlp_post_act = \w+\.masked_fill\(~largest\(/);
    expect(source).toMatch(/attn_resid_delta = /);
  });

  it('of a pair has each function once, however many layers there are', () => {
    const source = (layers: number) => pairSource(tinyPair({ layers }));
    const short = source(1).replace('LAYERS = 1', '');
    expect(source(6).replace('LAYERS = 6', '')).toBe(short);
    expect(short.match(/^def (?!attend|affine|largest)\w+/gm)).toHaveLength(14);
  });
});
