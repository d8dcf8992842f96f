import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../models/training/checkpoint';
import { trainedSlots } from '../../../models/training/layout';
import { checkpointFile, settingsFile, type TrainResult } from '../../../models/training/train';
import { parameterSpecs } from '../../../models/transformer/parameters';
import {
  curve,
  expectSameWeights,
  PATIENCE,
  run,
  runFolder,
  STEPS,
  tinyData,
  tinyRun,
} from './tiny';

const config = tinyRun();
const data = tinyData();
const { at, remove } = runFolder();
const { total } = trainedSlots(parameterSpecs(config.model));

/** The run that nothing disturbs. */
let whole: TrainResult;
beforeAll(async () => {
  whole = await run(at('whole'), data);
}, PATIENCE);
afterAll(remove);

const mean = (numbers: number[]) => numbers.reduce((a, b) => a + b) / numbers.length;

describe('a finished run', { timeout: PATIENCE }, () => {
  it('has one line of metrics a step, with the schedule of the settings', () => {
    const steps = curve(at('whole'));
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
    expect(steps[STEPS - 1].l0).toBe(0.25);
    expect(steps.filter(({ heldOut }) => heldOut).map(({ step }) => step)).toEqual([20, 40]);
  });

  it('predicts better than at its start, held-out text too', () => {
    const steps = curve(at('whole'));
    const losses = steps.map(({ loss }) => loss);
    expect(losses[0]).toBeGreaterThan(Math.log(2048) - 0.5);
    expect(mean(losses.slice(-10))).toBeLessThan(mean(losses.slice(0, 10)) - 0.3);
    expect(steps[STEPS - 1].heldOut!.ordinary).toBeLessThan(losses[0] - 0.3);
    expect(steps[STEPS - 1].heldOut!.idioms).toBeLessThan(losses[0] - 0.3);
  });

  it('is exactly as sparse as asked in every array, and leaves every channel its minimum', () => {
    const nonzeros = (numbers: ArrayLike<number>) => Array.from(numbers).filter(Boolean).length;
    for (const { name, shape, sparse, channelAxis } of parameterSpecs(config.model)) {
      if (!sparse) continue;
      const weights = whole.weights.get(name)!;
      expect(nonzeros(weights), name).toBe(weights.length / 4);
      if (channelAxis === null) continue;
      for (let channel = 0; channel < shape[channelAxis]; channel++) {
        const indexOf = (i: number) =>
          channelAxis === 1 ? i % shape[1] : Math.floor(i / shape[1]);
        const entries = weights.filter((_, i) => indexOf(i) === channel);
        expect(nonzeros(entries), `${name}, channel ${channel}`).toBeGreaterThanOrEqual(2);
      }
    }
  });

  it('keeps what is not to be sparse dense, and what is not trained as it was', () => {
    for (const { name, sparse, trained } of parameterSpecs(config.model)) {
      const weights = whole.weights.get(name)!;
      if (!trained)
        expect(
          weights.every((x) => x === 0),
          name,
        ).toBe(true);
      else if (!sparse)
        expect(
          weights.every((x) => x !== 0),
          name,
        ).toBe(true);
    }
  });

  it('has its last state and its settings on disk', () => {
    const checkpoint = readCheckpoint(checkpointFile(at('whole')), total)!;
    expect(checkpoint.step).toBe(STEPS);
    const embed = whole.weights.get('embed.weight')!;
    expect(checkpoint.weights.subarray(0, embed.length)).toEqual(embed);
    expect(JSON.parse(readFileSync(settingsFile(at('whole')), 'utf8'))).toEqual(config);
  });

  it('has nothing left to do when it is resumed', async () => {
    const before = curve(at('whole'));
    const again = await run(at('whole'), data, { resume: true });
    expect(again.step).toBe(STEPS);
    expectSameWeights(again.weights, whole.weights);
    expect(curve(at('whole'))).toEqual(before);
  });
});

describe('another run', { timeout: PATIENCE }, () => {
  it('of the same seed is the same, to the bit', async () => {
    const again = await run(at('again'), data);
    expect(curve(at('again'))).toEqual(curve(at('whole')));
    expectSameWeights(again.weights, whole.weights);
  });

  it('of another seed is another', async () => {
    await run(at('other'), data, { config: tinyRun({ seed: 4, steps: 3 }) });
    const [, second] = curve(at('other'));
    expect(second.loss).not.toBe(curve(at('whole'))[1].loss);
  });

  it('goes on from the weights of an earlier one', async () => {
    const sparsity = { ...config.sparsity, annealUntil: 0 };
    await run(at('more'), data, {
      config: tinyRun({ seed: 4, steps: 5, sparsity }),
      from: whole.weights,
    });
    const [first] = curve(at('more'));
    const losses = curve(at('whole')).map(({ loss }) => loss);
    expect(first.l0).toBe(0.25);
    expect(first.loss).toBeLessThan(losses[0] - 0.3);
    await expect(
      run(at('more'), data, { config: tinyRun({ seed: 4, steps: 5, sparsity }), resume: true }),
    ).rejects.toThrow('was trained with other settings');
  });

  it('with AdamW for every matrix learns and is as sparse', async () => {
    const optimizer = { ...config.optimizer, matrices: 'adamw' as const };
    const adamw = tinyRun({ optimizer, replicas: 1 });
    const { weights } = await run(at('adamw'), data, { config: adamw });
    const losses = curve(at('adamw')).map(({ loss }) => loss);
    expect(mean(losses.slice(-10))).toBeLessThan(mean(losses.slice(0, 10)) - 0.3);
    const hidden = weights.get('layers.0.mlp.in.weight')!;
    expect(hidden.filter(Boolean)).toHaveLength(hidden.length / 4);
  });

  it('in one thread is the same but for the order of sums', async () => {
    await run(at('single'), data, { config: tinyRun({ replicas: 1, steps: 5 }) });
    await run(at('double'), data, { config: tinyRun({ steps: 5 }) });
    const [single, double] = ['single', 'double'].map((name) => curve(at(name)));
    for (const [i, { loss }] of single.entries()) expect(loss).toBeCloseTo(double[i].loss, 4);
  });
});
