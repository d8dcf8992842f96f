import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FURTHER_TERMS } from '../../../models/bridges/graph';
import { bridgeSpecs } from '../../../models/bridges/parameters';
import { readBundle } from '../../../models/bundles/bundle';
import { prepareTorchRun } from '../../../models/cli/trainTorch';
import { fromHalves, toHalves } from '../../../models/halves';
import { leastSquaresBridges } from '../../../models/training/bridgeStart';
import type { TrainingConfig } from '../../../models/training/config';
import { exportBundle } from '../../../models/training/export';
import { objectiveOf } from '../../../models/training/objective';
import type { StepMetrics } from '../../../models/training/replica';
import {
  startingWeights,
  type GivenModel,
  type StartOptions,
  type TrainingData,
} from '../../../models/training/start';
import { readFinishedRun } from '../../../models/training/torch/finish';
import { everySite } from '../../../models/transformer/config';
import { parameterSpecs } from '../../../models/transformer/parameters';
import { randomWeights } from '../../support/models';
import { torchPython } from '../../support/python';
import { curve, expectSameWeights, PATIENCE, run, runFolder, tinyData, tinyRun } from './tiny';
import { makeTorchRun, runTrain, runTwo, runUntil, torchCurve } from './torch';

const STEPS = 20;
const counts = {
  ...{ crossEntropy: 1, encoderError: 0.5, decoderError: 0.7, denseToSparse: 0.9 },
  sparseToDense: 0.8,
};
/** One thread, as one process: an error over a variance is that of the windows that are run together. */
const settings = (overrides: Partial<TrainingConfig> = {}) =>
  tinyRun({
    ...{ steps: STEPS, evalEvery: 10, evalWindows: 8, idiomShare: 0, replicas: 1 },
    bridge: { dense: 'other', encoderKept: 12, weights: counts },
    ...overrides,
  });
const config = settings();
const denseConfig = { ...config.model, dModel: 12, activationFraction: everySite(1) };
const dense: GivenModel = {
  ...{ name: 'other', hash: 'a'.repeat(64), config: denseConfig },
  weights: randomWeights(denseConfig, 9),
};
const data: TrainingData = { ...tinyData(), dense };
const { at, remove } = runFolder();
afterAll(remove);

/** A trained sparse model and what fits bridges to it. */
function startOf(own: TrainingConfig): StartOptions {
  const from = randomWeights(own.model, 3);
  from.set('bigram.table', data.fixed.get('bigram.table')!);
  const pair = { sparse: own.model, dense: denseConfig, encoderKept: 12 };
  const fit = (weights: ReadonlyMap<string, Float32Array>, windows: Int32Array) =>
    leastSquaresBridges(pair, weights, windows);
  return { config: own, data, from, fit };
}

async function makeRun(name: string, own: TrainingConfig): Promise<string> {
  const start = await startingWeights(startOf(own), objectiveOf(own, denseConfig).specs);
  return makeTorchRun(at(name), { config: own, data, bridged: { dense, start } });
}

/** Fails unless both trainers have the same curve, every held-out term in it. */
function expectTogether(theirs: readonly StepMetrics[], own: ReturnType<typeof curve>): void {
  expect(theirs.map(({ step }) => step)).toEqual(own.map(({ step }) => step));
  for (const [i, { loss, l0, learningRate, gradientRms, revived, heldOut }] of own.entries()) {
    expect(theirs[i].loss).toBeCloseTo(loss, 3);
    expect(theirs[i].l0).toBeCloseTo(l0, 12);
    expect(theirs[i].learningRate).toBeCloseTo(learningRate, 12);
    expect(theirs[i].gradientRms / gradientRms).toBeCloseTo(1, 2);
    expect(theirs[i].revived).toBe(revived);
    if (!heldOut) continue;
    const { ordinary, idioms, terms } = theirs[i].heldOut!;
    expect(ordinary).toBeCloseTo(heldOut.ordinary, 3);
    expect(idioms).toBeCloseTo(heldOut.idioms, 3);
    for (const text of ['ordinary', 'idioms'] as const) {
      expect(Object.keys(terms![text])).toEqual(FURTHER_TERMS);
      for (const [term, value] of Object.entries(heldOut.terms![text])) {
        expect(terms![text][term], `${term} of ${text}`).toBeCloseTo(value, 3);
      }
    }
  }
}

describe.skipIf(!torchPython)('a bridged run in PyTorch', { timeout: 2 * PATIENCE }, () => {
  let dir: string;
  beforeAll(async () => {
    dir = await makeRun('both', config);
    await runTrain(dir);
  }, 2 * PATIENCE);

  it('stays together with ours, step by step, every term, on the same batches and places', async () => {
    const ours = await run(at('ours'), data, startOf(config));
    expectTogether(torchCurve(dir), curve(at('ours')));
    const theirs = readFinishedRun(dir).weights;
    for (const { name, sparse, trained } of objectiveOf(config, denseConfig).specs) {
      if (!trained) continue;
      const [mine, other] = [ours.weights.get(name)!, theirs.get(name)!];
      const nonzero = (array: Float32Array) => array.filter((x) => x !== 0).length;
      if (sparse) expect(nonzero(other), `nonzero in ${name}`).toBe(nonzero(mine));
      const off = mine.filter((x, i) => Math.abs(x - other[i]) > 1e-3).length;
      expect(off / mine.length, `${name} that differs`).toBeLessThan(0.01);
    }
  });

  it('of two processes is ours of two threads, dead neurons begun anew alike', async () => {
    const activationFraction = { ...config.model.activationFraction, 'mlp.post_act': 1 / 32 };
    const two = settings({
      ...{ replicas: 2, model: { ...config.model, activationFraction } },
      revive: { every: 4, until: 0.5 },
    });
    const made = await makeRun('two', two);
    await runTwo(made);
    await run(at('two ours'), data, startOf(two));
    const own = curve(at('two ours'));
    expect(own.some(({ revived }) => revived! > 0)).toBe(true);
    expectTogether(torchCurve(made), own);
  });

  it('leaves the dense model as it was given', () => {
    const { dense: given, weights } = readFinishedRun(dir);
    expect(given).toMatchObject({ name: 'other', hash: dense.hash, config: denseConfig });
    expectSameWeights(given!.weights, new Map(ordered(dense.weights)));
    expect(weights.size).toBe(objectiveOf(config, denseConfig).specs.length);
  });

  it('goes on after a stop as if nothing had happened', async () => {
    const stopped = await makeRun('stopped', config);
    await runUntil(stopped, 10);
    expect(() => readFinishedRun(stopped)).toThrow(
      `${stopped} stopped after 10 of 20 steps; continue with train.py --resume`,
    );
    await runTrain(stopped, ['--resume']);
    const strip = ({ milliseconds, ...rest }: StepMetrics) => [milliseconds > 0, rest];
    expect(torchCurve(stopped).map(strip)).toEqual(torchCurve(dir).map(strip));
    expectSameWeights(readFinishedRun(stopped).weights, readFinishedRun(dir).weights);
  });

  it('becomes a bundle with its bridges, the dense model’s name and hash, and the table', async () => {
    const finished = readFinishedRun(dir);
    await exportBundle({ ...finished, bundleDir: join(dir, 'bundle') });
    const { bridges, card, weights } = readBundle(join(dir, 'bundle'));
    expect(bridges).toMatchObject({ name: 'other', hash: dense.hash, dModel: 12, encoderKept: 12 });
    const sizes = { layers: 2, sparse: 16, dense: 12 };
    const trained = (name: string) => [name, finished.weights.get(name)!] as const;
    // Stored with 16 bits a number.
    const rounded = bridgeSpecs(sizes).map(({ name }) => {
      const [, numbers] = trained(name);
      return [name, fromHalves(toHalves(numbers))] as const;
    });
    expectSameWeights(bridges!.weights, new Map(rounded));
    expectSameWeights(
      weights,
      new Map(parameterSpecs(config.model).map(({ name }) => trained(name))),
    );
    const table = card.bridges as { denseHash: string; ordinary: { places: { place: string }[] } };
    expect(table.denseHash).toBe(dense.hash);
    expect(table.ordinary.places.map(({ place }) => place)).toEqual([
      ...['0.attn', '0.mlp', '1.attn', '1.mlp'],
    ]);
  });

  it('is not finished without its dense model', () => {
    const lacking = at('lacking');
    cpSync(dir, lacking, { recursive: true });
    const file = join(lacking, 'run.json');
    const whole = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...whole, dense: null }));
    expect(() => readFinishedRun(lacking)).toThrow(
      `${file} does not name its dense model; make the run again`,
    );
  });
});

/** In the order in which a run has a model's parameters. */
const ordered = (weights: ReadonlyMap<string, Float32Array>) =>
  parameterSpecs(denseConfig).map(
    // Adding 0 makes -0 of the random table 0, which it is as a number of steps.
    ({ name }) => [name, weights.get(name)!.map((x) => x + 0)] as const,
  );

describe('a folder of a bridged run', { timeout: PATIENCE }, () => {
  const bundles = 'models/bundles';
  const file = 'models/training/configs/python-bridge.json';
  const given = JSON.parse(readFileSync(file, 'utf8')) as TrainingConfig;
  const prepared = (own: object, tokenizerFile = `${bundles}/python-sparse/tokenizer.json`) => {
    const configFile = at('settings.json');
    writeFileSync(configFile, JSON.stringify({ ...given, ...own }));
    return prepareTorchRun({
      ...{ configFile, tokenizerFile, corpusDirs: [at('corpus')], out: at('refused'), from: null },
      ...{ bundlesDir: bundles, programs: '', tokens: { ordinary: 1, generated: 1 } },
    });
  };

  it('is not made for a dense model of other sizes or another tokenizer', async () => {
    await expect(prepared({ model: { ...given.model, layers: 3 } })).rejects.toThrow(
      /^bridge: the dense model has 4 layers, the sparse model 3 layers; change the settings or choose another dense model$/,
    );
    const other = join(at('tokenizer.json'));
    const tokenizer = JSON.parse(
      readFileSync(`${bundles}/python-sparse/tokenizer.json`, 'utf8'),
    ) as { model: { merges: unknown[] } };
    tokenizer.model.merges.reverse();
    writeFileSync(other, JSON.stringify(tokenizer));
    await expect(prepared({}, other)).rejects.toThrow(
      `bridge.dense python-dense has another tokenizer than ${other}`,
    );
    expect(existsSync(at('refused'))).toBe(false);
  });
});
