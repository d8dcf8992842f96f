import { spawn } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../models/training/checkpoint';
import type { TrainingConfig } from '../../../models/training/config';
import { trainedSlots } from '../../../models/training/layout';
import type { HeldOut } from '../../../models/training/replica';
import {
  checkpointFile,
  metricsFile,
  settingsFile,
  type TrainResult,
} from '../../../models/training/train';
import { curve, expectSameWeights, PATIENCE, run, runFolder, tinyData, tinyRun } from './tiny';
import { parameterSpecs } from '../../../models/transformer/parameters';

/** Fewer than elsewhere: there are many runs here, and none has to learn much. */
const STEPS = 24;
const config = tinyRun({ steps: STEPS });
const data = tinyData();
const { at, remove } = runFolder();
const { total } = trainedSlots(parameterSpecs(config.model));

/** The run that nothing disturbs. */
let whole: TrainResult;
beforeAll(async () => {
  whole = await run(at('whole'), data, { config });
  await build({
    entryPoints: ['test/integration/training/child.ts'],
    outfile: at('child.mjs'),
    ...{ bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning' },
  });
}, PATIENCE);
afterAll(remove);

/** Runs in a process of its own, which is killed after a step; resolves to the signal. */
function killedAfter(
  step: number,
  out: string,
  overrides: Partial<TrainingConfig>,
): Promise<NodeJS.Signals | null> {
  const args = [at('child.mjs'), out, JSON.stringify(overrides), String(step)];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  return new Promise((resolve) => {
    child.on('exit', (_, signal) => {
      resolve(signal);
    });
  });
}

describe('a run that was stopped', { timeout: PATIENCE }, () => {
  it('goes on as if nothing had happened', async () => {
    const out = at('stopped');
    const controller = new AbortController();
    const stopped = await run(out, data, {
      config,
      signal: controller.signal,
      onStep: ({ step }) => {
        if (step === 11) controller.abort();
      },
    });
    expect(stopped.step).toBeGreaterThanOrEqual(11);
    expect(stopped.step).toBeLessThan(STEPS);
    expect(stopped.finished).toBe(false);
    expect(readCheckpoint(checkpointFile(out), total)?.step).toBe(stopped.step);
    // A line of a step that no checkpoint has, and one that was cut short.
    const later = JSON.stringify({ ...curve(out)[0], step: stopped.step + 1, milliseconds: 1 });
    appendFileSync(metricsFile(out), `${later}\n{"step": 3, "lo`);
    const resumed = await run(out, data, { config, resume: true });
    expect(curve(out)).toEqual(curve(at('whole')));
    expectSameWeights(resumed.weights, whole.weights);
  });

  it('before it began has its start on disk', async () => {
    const out = at('aborted');
    const { step } = await run(out, data, { config, signal: AbortSignal.abort() });
    expect(step).toBe(0);
    expect(readCheckpoint(checkpointFile(out), total)?.step).toBe(0);
  });
});

describe('a run that is to stop at a loss', { timeout: PATIENCE }, () => {
  it('ends at the first evaluation that reaches it, and is not continued beyond', async () => {
    const often = { ...config, evalEvery: 4 };
    await run(at('often'), data, { config: often });
    const evaluated = curve(at('often')).flatMap(({ step, heldOut }) =>
      heldOut ? [{ step, loss: mixed(often, heldOut) }] : [],
    );
    const { loss } = evaluated[2];
    const first = evaluated.find((e) => e.loss <= loss)!;
    const stopping = { ...often, stopAtLoss: loss };
    const ended = await run(at('enough'), data, { config: stopping });
    expect(ended).toMatchObject({ step: first.step, finished: true });
    expect(curve(at('enough'))).toEqual(curve(at('often')).slice(0, first.step));
    const again = await run(at('enough'), data, { config: stopping, resume: true });
    expect(again).toMatchObject({ step: first.step, finished: true });
    expectSameWeights(again.weights, ended.weights);
  });
});

/** Held-out loss of the training mix. */
const mixed = ({ idiomShare }: TrainingConfig, heldOut: HeldOut) =>
  (1 - idiomShare) * heldOut.ordinary + idiomShare * heldOut.idioms;

describe('a folder that holds a run', { timeout: PATIENCE }, () => {
  const refused = async (options: Parameters<typeof run>[2], text = data) => {
    const files = [checkpointFile, metricsFile, settingsFile].map((file) => file(at('whole')));
    const before = files.map((file) => readFileSync(file));
    const all = { config, ...options };
    const error = await run(at('whole'), text, all).catch((e: unknown) => e as Error);
    for (const [i, file] of files.entries()) {
      expect(readFileSync(file).equals(before[i]), `${file} is untouched`).toBe(true);
    }
    return (error as Error).message;
  };

  it('is not overwritten', async () => {
    expect(await refused({})).toBe(
      `${at('whole')} already has a run; add --resume to continue it or choose another --out`,
    );
  });

  it('is not continued with other settings', async () => {
    const message = await refused({ resume: true, config: { ...config, idiomShare: 0.4 } });
    expect(message).toBe(
      `${checkpointFile(at('whole'))} was trained with other settings or another corpus; choose another --out`,
    );
  });

  it('is not continued with another corpus', async () => {
    const other = { ...data, trainStream: data.trainStream.map((id) => id ^ 1) };
    expect(await refused({ resume: true }, other)).toContain('another corpus');
  });

  it('is not continued with another bigram table', async () => {
    const table = data.fixed.get('bigram.table')!.slice().fill(-1, 0, 1);
    const other = { ...data, fixed: new Map([['bigram.table', table]]) };
    expect(await refused({ resume: true }, other)).toContain('another corpus');
  });

  it('is not continued as another size of model', async () => {
    const model = { ...config.model, dMlp: 16 };
    const message = await refused({ resume: true, config: { ...config, model } });
    expect(message).toContain('not a checkpoint of this model');
  });
});

describe('a checkpoint in the middle', { timeout: PATIENCE }, () => {
  it('has the updates of all threads, however long each takes', async () => {
    // The first thread has the embedding, a quick update; the second all that Muon updates.
    const model = { ...config.model, ...{ dModel: 64, dMlp: 256, heads: 8, tiedEmbeddings: true } };
    const uneven = { ...config, model, ...{ steps: 8, checkpointEvery: 1, evalEvery: 100 } };
    mkdirSync(at('copied'));
    const done = await run(at('uneven'), data, {
      config: uneven,
      onStep: ({ step }) => {
        if (step !== 4) return;
        copyFileSync(checkpointFile(at('uneven')), checkpointFile(at('copied')));
      },
    });
    const resumed = await run(at('copied'), data, { config: uneven, resume: true });
    const steps = curve(at('copied'));
    expect(steps).toEqual(curve(at('uneven')).slice(-steps.length));
    expectSameWeights(resumed.weights, done.weights);
  });
});

describe('a run whose process was killed', { timeout: PATIENCE }, () => {
  it('goes on from its last checkpoint to the same curve and the same weights', async () => {
    expect(await killedAfter(8, at('killed'), { steps: STEPS })).toBe('SIGKILL');
    const left = readCheckpoint(checkpointFile(at('killed')), total)!;
    expect(left.step).toBeGreaterThanOrEqual(7);
    expect(left.step % 7).toBe(0);
    const resumed = await run(at('killed'), data, { config, resume: true });
    expect(curve(at('killed'))).toEqual(curve(at('whole')));
    expectSameWeights(resumed.weights, whole.weights);
  });

  it('starts anew when it was killed before its first checkpoint', async () => {
    expect(await killedAfter(1, at('early'), { checkpointEvery: 1000 })).toBe('SIGKILL');
    const short = tinyRun({ steps: 3 });
    const { step } = await run(at('early'), data, { resume: true, config: short });
    expect(step).toBe(3);
    expect(curve(at('early')).map((metrics) => metrics.step)).toEqual([1, 2, 3]);
  });
});
