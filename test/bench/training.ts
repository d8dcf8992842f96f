/**
 * A training step (forward, backward, update, projection) against PyTorch: same sizes, same machine,
 * blocks of steps turn by turn in one run.
 *
 *   npm run bench -- training
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Rng } from '../../models/random';
import { Tokenizer } from '../../models/tokenizer/tokenizer';
import { readTrainingConfig, type TrainingConfig } from '../../models/training/config';
import { idiomStream } from '../../models/training/data';
import type { TrainingData } from '../../models/training/start';
import { train } from '../../models/training/train';
import { figure, median } from './paired';
import { benchmark } from './start';
import { hasTorch, PythonProgram } from './torch';

const CONFIG = 'models/training/configs/python-sparse.json';
const STEPS = 8;

/** The settings with everything as at the end of a run: sparse weights, sparse activations. */
function finalPhase(file: string): TrainingConfig {
  const config = readTrainingConfig(file);
  const sparsity = { ...config.sparsity, annealUntil: 0 };
  return { ...config, sparsity, steps: STEPS, evalEvery: 10 * STEPS, checkpointEvery: 10 * STEPS };
}

/** Milliseconds of each step after the first, which compiles the graph. */
async function ownSteps(config: TrainingConfig, data: TrainingData): Promise<number[]> {
  const out = mkdtempSync(join(tmpdir(), 'circuitscope-bench-'));
  const times: number[] = [];
  try {
    await train({
      ...{ config, data, out, resume: false, workerFile: resolve('dist/training-worker.js') },
      onStep: ({ milliseconds, heldOut }) => {
        if (!heldOut) times.push(milliseconds);
      },
    });
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
  return times.slice(1);
}

async function startTorch(config: TrainingConfig): Promise<PythonProgram> {
  const { model, batch, replicas, sparsity, optimizer } = config;
  const torch = new PythonProgram('training_torch.py');
  const { matrices } = optimizer;
  await torch.ask({ ...model, batch, threads: replicas, l0: sparsity.l0, matrices });
  await torch.ask('step'); // The first step allocates.
  return torch;
}

benchmark(async ({ dir, pairs }) => {
  if (!hasTorch()) return;
  const config = finalPhase(CONFIG);
  const tokenizerFile = join(dir, 'tokenizer.json');
  const tokenizer = Tokenizer.load(tokenizerFile);
  const stream = idiomStream(tokenizer, new Rng('bench'), 200_000);
  const table = new Float32Array(config.model.vocab ** 2);
  const data: TrainingData = {
    ...{ trainStream: stream, heldOutStream: stream, fixed: new Map([['bigram.table', table]]) },
    tokenizerJson: JSON.parse(readFileSync(tokenizerFile, 'utf8')) as unknown,
  };
  const torch = await startTorch(config);
  const [own, theirs] = [[] as number[], [] as number[]];
  for (let round = 0; round < Math.ceil(pairs / 6); round++) {
    own.push(median(await ownSteps(config, data)));
    const times: number[] = [];
    for (let i = 0; i < STEPS - 1; i++) times.push(await torch.ask<number>('step'));
    theirs.push(median(times));
  }
  torch.stop();
  const { batch, model } = config;
  const name = `training step in PyTorch / ours, ${batch * model.context} tokens`;
  figure({ bench: 'training', name, unit: 'ratio', target: 'at least 3' }, theirs, own);
});
