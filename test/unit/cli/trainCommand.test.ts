import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { train } from '../../../models/cli/trainCommand';
import { trainingConfig } from '../../support/training';

/** The commands that cards would record. */
const recorded = vi.hoisted((): string[] => []);
vi.mock('../../../models/cli/output', async (original) => ({
  ...(await original<typeof import('../../../models/cli/output')>()),
  ...{ writeOut: () => undefined, say: () => undefined, showLine: () => undefined },
}));
vi.mock('../../../models/training/prepare', () => ({
  prepare: () => ({ data: {}, corpus: {}, newerStream: null }),
}));
vi.mock('../../../models/training/start', () => ({ trainingSource: () => ({}) }));
vi.mock('../../../models/training/windows', () => ({ measuringWindows: () => ({}) }));
vi.mock('../../../models/training/train', () => ({
  ...{ checkBegun: () => undefined, minutesOf: () => 1 },
  train: () => Promise.resolve({ step: 1, finished: true, weights: new Map() }),
}));
vi.mock('../../../models/training/export', () => ({
  exportBundle: ({ run }: { run: { command: string } }) => {
    recorded.push(run.command);
    return Promise.resolve();
  },
}));
vi.mock('../../../models/training/torch/runFolder', () => ({
  writeRunFolder: ({ command }: { command: string }) => {
    recorded.push(command);
    return Promise.resolve({ out: '', streams: {}, bytes: 0 });
  },
}));

const dir = mkdtempSync(join(tmpdir(), 'circuitscope-command-'));
const config = join(dir, 'small.json');
writeFileSync(config, JSON.stringify(trainingConfig()));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

it.each([
  [[], 'circuitscope train small.json --corpus CORPUS --out RUN'],
  [
    ['--tokenizer', 'mine.json'],
    'circuitscope train small.json --corpus CORPUS --tokenizer TOKENIZER --out RUN',
  ],
  [
    ['--engine', 'torch', '--ordinary', '30'],
    'circuitscope train small.json --engine torch --corpus CORPUS --out RUN',
  ],
  [
    ['--engine', 'torch', '--ordinary', '0.5', '--generated', '2', '--tokenizer', 'mine.json'],
    'circuitscope train small.json --engine torch --corpus CORPUS --tokenizer TOKENIZER --ordinary 0.5 --generated 2 --out RUN',
  ],
])('train %j has a card that names the options that shaped the model', async (more, command) => {
  recorded.length = 0;
  await train.run([config, '--corpus', dir, '--out', join(dir, 'run'), ...more]);
  expect(recorded).toEqual([command]);
});
