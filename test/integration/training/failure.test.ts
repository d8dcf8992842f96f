import { afterAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../models/training/checkpoint';
import { trainedSlots } from '../../../models/training/layout';
import { checkpointFile } from '../../../models/training/train';
import { curve, PATIENCE, run, runFolder, tinyData, tinyRun } from './tiny';
import { parameterSpecs } from '../../../models/transformer/parameters';

const data = tinyData();
const { at, remove } = runFolder();
const { total } = trainedSlots(parameterSpecs(tinyRun().model));
afterAll(remove);

describe('a loss that is not finite', { timeout: PATIENCE }, () => {
  it('ends the run with one line, and leaves the last checkpoint readable', async () => {
    const optimizer = { ...tinyRun().optimizer, learningRate: 1e30 };
    const config = tinyRun({ optimizer, checkpointEvery: 1 });
    const error = await run(at('wild'), data, { config }).catch((e: unknown) => e as Error);
    expect((error as Error).message).toMatch(
      /^step \d+: the loss is not finite; lower optimizer\.learningRate and train again .*--out$/,
    );
    const steps = curve(at('wild'));
    expect(steps.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    const checkpoint = readCheckpoint(checkpointFile(at('wild')), total)!;
    expect(checkpoint.step).toBe(steps.length);
  });
});

describe('a listener that throws', { timeout: PATIENCE }, () => {
  it.each([1, 2])('ends the run of %i threads with its error', async (replicas) => {
    const onStep = () => {
      throw new Error('no more room');
    };
    const config = tinyRun({ replicas });
    const running = run(at(`listener${replicas}`), data, { config, onStep });
    await expect(running).rejects.toThrow('no more room');
  });
});

describe('a thread that cannot start', { timeout: PATIENCE }, () => {
  it('ends the run with its error instead of waiting for it', async () => {
    const withoutTable = { ...data, fixed: new Map<string, Float32Array>() };
    await expect(run(at('broken'), withoutTable)).rejects.toThrow(
      "training: parameter 'bigram.table' has no numbers",
    );
  });
});
