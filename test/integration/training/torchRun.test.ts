import { execFile } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundle, type Bundle } from '../../../models/bundles/bundle';
import type { TrainingConfig } from '../../../models/training/config';
import { exportBundle } from '../../../models/training/export';
import { readFinishedRun } from '../../../models/training/torch/finish';
import type { StepMetrics } from '../../../models/training/replica';
import { parameterSpecs, sizeOf } from '../../../models/transformer/parameters';
import { randomWeights } from '../../support/models';
import { torchPython } from '../../support/python';
import { failing, makeTorchRun, runTrain, runTwo, runUntil, startTrain, torchCurve } from './torch';
import { curve, expectSameWeights, PATIENCE, run, runFolder, tinyData, tinyRun } from './tiny';

const STEPS = 20;
const data = tinyData();
const { at, remove } = runFolder();
afterAll(remove);

const settings = (overrides: Partial<TrainingConfig> = {}) =>
  tinyRun({ steps: STEPS, evalEvery: 10, evalWindows: 8, idiomShare: 0, ...overrides });

/** A bundle as far as a run goes on from it: dense random weights. */
function earlier(config: TrainingConfig): Bundle {
  const weights = randomWeights(config.model, 3);
  weights.set('bigram.table', data.fixed.get('bigram.table')!);
  const card = { trainedWith: 'x', steps: 1, tokensSeen: 7, minutesOfTraining: 2, training: {} };
  return {
    ...{ dir: '', name: 'earlier', hash: 'f'.repeat(64), config: config.model, weights },
    ...{ means: new Map(), tokenizerJson: {}, card, examples: null, labels: null },
    bridges: null,
  };
}

const makeRun = (name: string, config: TrainingConfig, from: Bundle | null = null) =>
  makeTorchRun(at(name), { config, from, data });

describe.skipIf(!torchPython)('a run in PyTorch', { timeout: 2 * PATIENCE }, () => {
  const config = settings();
  const start = earlier(config);
  let dir: string;
  beforeAll(async () => {
    dir = await makeRun('both', config, start);
    await runTrain(dir);
  }, 2 * PATIENCE);

  it('stays together with ours, step by step, on the same batches', async () => {
    const ours = await run(at('ours'), data, { config, from: start.weights });
    const theirs = readFinishedRun(dir).weights;
    const steps = torchCurve(dir);
    const own = curve(at('ours'));
    expect(steps.map(({ step }) => step)).toEqual(own.map(({ step }) => step));
    for (const [i, { loss, l0, learningRate, gradientRms, heldOut }] of own.entries()) {
      expect(steps[i].loss).toBeCloseTo(loss, 3);
      expect(steps[i].l0).toBeCloseTo(l0, 12);
      expect(steps[i].learningRate).toBeCloseTo(learningRate, 12);
      expect(steps[i].gradientRms / gradientRms).toBeCloseTo(1, 2);
      if (heldOut) expect(steps[i].heldOut!.ordinary).toBeCloseTo(heldOut.ordinary, 3);
    }
    for (const { name, sparse, trained } of parameterSpecs(config.model)) {
      if (!trained) continue;
      const [mine, other] = [ours.weights.get(name)!, theirs.get(name)!];
      const nonzero = (array: Float32Array) => array.filter((x) => x !== 0).length;
      if (sparse) expect(nonzero(other), `nonzero in ${name}`).toBe(nonzero(mine));
      const off = mine.filter((x, i) => Math.abs(x - other[i]) > 1e-3).length;
      expect(off / mine.length, `${name} that differs`).toBeLessThan(0.01);
    }
  });

  it('with products of few digits stays near, says so, and keeps as many weights', async () => {
    const short = await makeRun('short products', config, start);
    await runTrain(short, ['--precision', 'bfloat16']);
    const [near, own] = [torchCurve(short), torchCurve(dir)];
    for (const [i, { loss }] of own.entries()) {
      expect(Math.abs(near[i].loss / loss - 1)).toBeLessThan(0.02);
    }
    expect(near.map(({ loss }) => loss)).not.toEqual(own.map(({ loss }) => loss));
    const { weights, run: what } = readFinishedRun(short);
    expect(what.engine).toBe('in PyTorch on processor with bfloat16 products');
    const others = readFinishedRun(dir).weights;
    for (const { name, sparse } of parameterSpecs(config.model)) {
      const nonzero = (from: typeof weights) => from.get(name)!.filter((x) => x !== 0).length;
      if (sparse) expect(nonzero(weights), `nonzero in ${name}`).toBe(nonzero(others));
    }
  });

  it('takes products of few digits where they are much faster, unless told otherwise', async () => {
    const program = `
import itertools, json, sys
sys.path.insert(0, ${JSON.stringify(dir)})
import torch, train
def chosen(asked, float32, bfloat16):
    seconds = {torch.float32: itertools.cycle(float32), torch.bfloat16: itertools.cycle(bfloat16)}
    train.product_seconds = lambda number: next(seconds[number])
    return train.short_products(asked, torch.device("cpu"))
one = [chosen("auto", [3], [1]), chosen("auto", [3], [2]), chosen("float32", [3], [1]), chosen("bfloat16", [1], [3])]
print(json.dumps(one + [chosen("auto", [3, 3, 9], [9, 9, 1]), chosen("auto", [9, 9, 1], [1])]))
`;
    const { stdout } = await promisify(execFile)(torchPython!, ['-c', program]);
    expect(JSON.parse(stdout)).toEqual([true, false, false, true, true, false]);
  });

  it('measures products until the processor is at its speed', async () => {
    const program = `
import sys
sys.path.insert(0, ${JSON.stringify(dir)})
import torch, train
class SlowAtFirst:
    now = 0
    def perf_counter(self):
        self.now += 0.004 if self.now < 0.08 else 0.001
        return self.now
train.time = SlowAtFirst()
print(train.product_seconds(torch.float32))
`;
    const { stdout } = await promisify(execFile)(torchPython!, ['-c', program]);
    expect(Number(stdout)).toBeCloseTo(0.001);
  });

  it('begins the same dead neurons anew, and goes on together', async () => {
    const { model } = config;
    const activationFraction = { ...model.activationFraction, 'mlp.post_act': 1 / 32 };
    const sparse = settings({
      model: { ...model, activationFraction },
      revive: { every: 4, until: 1 },
    });
    const reviving = await makeRun('reviving', sparse, start);
    await runTrain(reviving);
    await run(at('reviving ours'), data, { config: sparse, from: start.weights });
    const own = curve(at('reviving ours'));
    const theirs = torchCurve(reviving);
    expect(own.filter(({ revived }) => revived! > 0).map(({ step }) => step)).toEqual([
      4, 8, 12, 16, 20,
    ]);
    for (const [i, { loss, revived }] of own.entries()) {
      expect(theirs[i].revived).toBe(revived);
      expect(theirs[i].loss).toBeCloseTo(loss, 3);
    }
    // The last step begins some anew, and still keeps to its number of weights.
    const { weights } = readFinishedRun(reviving);
    for (const { name, shape, sparse: few } of parameterSpecs(sparse.model)) {
      if (!few) continue;
      const most = Math.floor(sizeOf(shape) * sparse.sparsity.l0 + 1e-6);
      expect(weights.get(name)!.filter(Boolean).length, name).toBeLessThanOrEqual(most);
    }
    // Stopped between two revivals: the second is of neurons that were not active since the first.
    const stopped = await makeRun('reviving, stopped', sparse, start);
    await runUntil(stopped, 7);
    const wider = at('reviving, resumed with other batches');
    cpSync(stopped, wider, { recursive: true });
    await runTrain(stopped, ['--resume']);
    const strip = ({ milliseconds, ...rest }: StepMetrics) => [milliseconds > 0, rest];
    expect(torchCurve(stopped).map(strip)).toEqual(theirs.map(strip));
    expectSameWeights(readFinishedRun(stopped).weights, weights);
    await runTrain(wider, ['--resume', '--batch', '8']);
    expect(readFinishedRun(wider).run.tokens).toBe((7 * 4 + (STEPS - 7) * 8) * model.context);
  });

  it('becomes a bundle with what it went on from, its counts and its dead neurons', async () => {
    await exportBundle({ ...readFinishedRun(dir), bundleDir: join(dir, 'bundle') });
    const { card, weights } = readBundle(join(dir, 'bundle'));
    expectSameWeights(weights, readFinishedRun(dir).weights);
    expect(card).toMatchObject({
      steps: STEPS,
      tokensSeen: STEPS * config.batch * config.model.context + 7,
      earlier: { 'run 1': { hash: start.hash } },
      summary: expect.stringMatching(/in PyTorch on processor\.$/) as string,
    });
    const dead = card.deadNeurons as Record<string, string>;
    expect(Object.keys(dead)).toEqual(['layer 0', 'layer 1']);
    expect(dead['layer 0']).toMatch(/^\d+ of 32$/);
  });

  it('that is finished is not begun over, resumed or not, and may be tried', async () => {
    const result = join(dir, 'result');
    const files = () =>
      readdirSync(result).map((name) => readFileSync(join(result, name), 'latin1'));
    const before = files();
    const refusal = `${result} holds a finished run; choose another --result or delete it\n`;
    expect(await failing(runTrain(dir))).toBe(refusal);
    expect(await failing(runTrain(dir, ['--resume']))).toBe(refusal);
    await runTrain(dir, ['--smoke']);
    expect(files()).toEqual(before);
  });

  it('leaves few small files', () => {
    const files = readdirSync(join(dir, 'result'));
    expect(files.toSorted()).toEqual(['metrics.jsonl', 'state.json', 'weights.safetensors.0']);
    for (const file of files) {
      expect(statSync(join(dir, 'result', file)).size).toBeLessThan(16 * 2 ** 20);
    }
  });

  it('of two processes is that of one', async () => {
    const two = await makeRun('two', config, start);
    await runTwo(two);
    const alone = torchCurve(dir);
    for (const [i, { step, loss }] of torchCurve(two).entries()) {
      expect(step).toBe(alone[i].step);
      expect(loss).toBeCloseTo(alone[i].loss, 3);
    }
  });

  it('is not begun over another, and goes on where it was stopped', async () => {
    const stopped = await makeRun('stopped', { ...config, steps: 100, checkpointEvery: 5 }, start);
    const child = startTrain(stopped);
    const file = join(stopped, 'result', 'metrics.jsonl');
    while (!existsSync(file) || statSync(file).size === 0) {
      if (child.exitCode !== null) throw new Error('train.py ended too early');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await exit;
    const done = torchCurve(stopped).length;
    expect(done).toBeLessThan(100);
    expect(() => readFinishedRun(stopped)).toThrow(
      `${stopped} stopped after ${done} of 100 steps; continue with train.py --resume`,
    );
    expect(await failing(runTrain(stopped))).toContain('holds a run; add --resume to continue it');
    appendFileSync(file, '{"step": 3, "lo');
    await runTrain(stopped, ['--resume']);
    const whole = await makeRun('whole', { ...config, steps: 100, checkpointEvery: 5 }, start);
    await runTrain(whole);
    const strip = ({ milliseconds, ...rest }: StepMetrics) => (
      expect(milliseconds).toBeGreaterThan(0),
      rest
    );
    expect(torchCurve(stopped).map(strip)).toEqual(torchCurve(whole).map(strip));
  });

  it('with little time ends in time, with everything annealed', async () => {
    const timed = await makeRun('timed', settings({ steps: 1_000_000, idiomShare: 0.5 }));
    const refused = await failing(runTrain(timed, ['--minutes', '0.15']));
    expect(refused).toMatch(/^--minutes 0\.15 leaves time for 0 steps .*\n$/m);
    expect(existsSync(join(timed, 'result', 'state.json'))).toBe(false);
    const before = Date.now();
    const said = await runTrain(timed, ['--minutes', '0.35']);
    expect(Date.now() - before).toBeLessThan(60_000);
    expect(said).toMatch(/ms a step: \d+ steps in all/);
    const last = torchCurve(timed).at(-1)!;
    expect(last.l0).toBe(config.sparsity.l0);
    expect(last.heldOut).toBeDefined();
    const { optimizer, sparsity } = config;
    const ofOne = optimizer.learningRate / Math.sqrt(sparsity.l0) / 16; // of the least steps, the last
    expect(last.learningRate).toBeLessThanOrEqual(ofOne);
    expect(readFinishedRun(timed).config.steps).toBe(last.step);
  });

  it('reports speed when it is only tried, also of a short run, and leaves the unpacked text', async () => {
    const tried = await makeRun('tried', settings({ steps: 10 }));
    const before = readdirSync(tried);
    const { stdout } = await promisify(execFile)(torchPython!, [
      join(tried, 'train.py'),
      '--smoke',
    ]);
    const report = JSON.parse(stdout) as Record<string, number>;
    expect(report.tokensPerSecond).toBeGreaterThan(0);
    const written = readdirSync(tried).filter((name) => !before.includes(name));
    expect(written.filter((name) => name !== '__pycache__')).toEqual(['ordinary.xz.tokens']);
  });

  it('halves the batch until it fits the memory of the card, and says so', async () => {
    const program = `
import sys, types
sys.argv = ["train.py", "--smoke", "--batch", "16"]
sys.path.insert(0, ${JSON.stringify(dir)})
import train
whole = train.Trainer.gradient
def little(self, step, batch):
    if batch > 4:
        raise RuntimeError("CUDA out of memory. Tried to allocate 3.00 GiB")
    return whole(self, step, batch)
train.Trainer.gradient = little
train.main()
`;
    const { stdout, stderr } = await promisify(execFile)(torchPython!, ['-c', program]);
    expect(JSON.parse(stdout)).toMatchObject({ batch: 4 });
    expect(stderr).toContain("the card's memory is too small: 8 windows a step from here on");
    expect(stderr).toContain("the card's memory is too small: 4 windows a step from here on");
  });

  it('goes on without torch.compile where that fails', async () => {
    const program = `
import sys
sys.argv = ["train.py", "--smoke"]
sys.path.insert(0, ${JSON.stringify(dir)})
import train, model
def failing(*arguments):
    raise ValueError("no compiler\\nfound")
class Trainer(train.Trainer):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.model = model.Model(self.weights.named)
        self.model.layer = failing
train.Trainer = Trainer
train.main()
`;
    const { stdout, stderr } = await promisify(execFile)(torchPython!, ['-c', program]);
    expect(stderr).toContain('torch.compile failed (no compiler found); going on without it\n');
    expect(JSON.parse(stdout)).toMatchObject({ model: 'not compiled' });
  });
});

describe('a folder of a run', { timeout: PATIENCE }, () => {
  it('is refused where something stands, and where there is no text', async () => {
    mkdirSync(at('taken'));
    await expect(makeRun('taken', settings())).rejects.toThrow(
      `${at('taken')} exists already; choose another --out`,
    );
    const model = { ...settings().model, context: 9000, dModel: 16 };
    await expect(makeRun('short', settings({ model }))).rejects.toThrow(
      'the corpus has 8000 tokens, fewer than one window of 9001; add more text',
    );
    expect(existsSync(at('short'))).toBe(false);
  });

  it('that is not whole is told apart: no run, no result, another version, another run', async () => {
    expect(() => readFinishedRun(at('nothing'))).toThrow('no run of the PyTorch engine is in');
    const dir = await makeRun('fresh', settings());
    expect(() => readFinishedRun(dir)).toThrow('result has no state.json; run train.py there');
    const result = join(dir, 'result');
    mkdirSync(result);
    const state = { format: 1, id: 'x', finished: true, step: 1, steps: 1, batch: 1 };
    const all = { ...state, tokens: 1, seconds: 1, parts: 2, device: 'processor' };
    const write = (value: object) => {
      writeFileSync(join(result, 'state.json'), JSON.stringify(value));
    };
    write(all);
    expect(() => readFinishedRun(dir)).toThrow('belongs to another run');
    const { id } = JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8')) as { id: string };
    write({ ...all, id });
    expect(() => readFinishedRun(dir)).toThrow(
      'weights.safetensors.0 is missing; copy all 2 parts',
    );
    write({ ...all, id, format: 2 });
    expect(() => readFinishedRun(dir)).toThrow('has format 2, but this version reads 1');
    const json = readFileSync(join(dir, 'run.json'), 'utf8').replace('"format": 1', '"format": 9');
    writeFileSync(join(dir, 'run.json'), json);
    expect(() => readFinishedRun(dir)).toThrow('run.json has format 9, but this version reads 1');
    if (torchPython) {
      expect(await failing(runTrain(dir))).toContain(
        'run.json has format 9, this train.py reads 1',
      );
    }
  });

  it.skipIf(!torchPython)('is refused by train.py when a stream is damaged', async () => {
    const dir = await makeRun('damaged', settings());
    const file = join(dir, 'ordinary.xz');
    writeFileSync(file, readFileSync(file).subarray(0, 1000));
    const said = await failing(runTrain(dir));
    expect(said).toMatch(/^ordinary\.xz cannot be unpacked \(.*\); copy the folder again$/m);
    expect(said.trim().split('\n')).toHaveLength(1);
  });
});
