import { beforeAll, describe, expect, it } from 'vitest';
import { modelSource } from '../../../models/training/torch/modelSource';
import { gradientOutput, LOSS_OUTPUT, trainingGraph } from '../../../models/transformer/graphs';
import { parameterSpecs } from '../../../models/transformer/parameters';
import { array, expectClose, type NdArray } from '../../support/arrays';
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
        tensor = torch.tensor(data).reshape(shape)
        named[name] = torch.nn.Parameter(tensor) if trained else tensor
    model = module.Model(named)
    tokens, targets = (torch.tensor(case[x], dtype=torch.int32) for x in ("tokens", "targets"))
    loss = model(tokens, targets).mean()
    loss.backward()
    gradients = {n: p.grad.reshape(-1).tolist() for n, p in named.items() if p.requires_grad}
    trained = sum(1 for _ in model.parameters())
    answers.append({"loss": loss.item(), "gradients": gradients, "trained": trained})
print(json.dumps(answers))
`;

interface Answer {
  readonly loss: number;
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
      ...{ source: modelSource(config), tokens, targets },
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

describe('an emitted model', () => {
  it('has attention as one call, so that a graphics card can do it in one kernel', () => {
    expect(modelSource(tinyConfig())).toContain('= attend(');
  });

  it('names what its sites hold', () => {
    const source = modelSource(tinyConfig());
    expect(source).toMatch(/mlp_post_act = torch\.where\(largest\(/);
    expect(source).toMatch(/attn_resid_delta = /);
  });
});
