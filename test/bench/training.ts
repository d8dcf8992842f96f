/**
 * A training step (forward, backward, update, projection) against PyTorch: same sizes, same machine,
 * blocks of steps turn by turn in one run. `npm run bench:training [CONFIG]`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Rng } from '../../models/random';
import { Tokenizer } from '../../models/tokenizer/tokenizer';
import { readTrainingConfig, type TrainingConfig } from '../../models/training/config';
import { idiomStream } from '../../models/training/data';
import { train, type TrainingData } from '../../models/training/train';
import { median, spread } from './paired';

const ROUNDS = 5;
const STEPS = 8;
const PYTHON = '/usr/bin/python3';

/** The settings with everything as at the end of a run: sparse weights, sparse activations. */
function finalPhase(file: string): TrainingConfig {
  const config = readTrainingConfig(file);
  const sparsity = { ...config.sparsity, annealUntil: 0, activationsFrom: 0 };
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

class Torch {
  private readonly child = spawn(PYTHON, ['test/bench/training_torch.py'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  private readonly lines = createInterface({ input: this.child.stdout });

  async start({ model, batch, replicas, sparsity }: TrainingConfig): Promise<void> {
    const fraction = model.activationFraction['attn.q'];
    await this.ask({ ...model, batch, threads: replicas, l0: sparsity.l0, fraction });
    await this.step(); // The first step allocates.
  }

  async step(): Promise<number> {
    return Number(await this.ask('step'));
  }

  stop(): void {
    this.child.stdin.end();
  }

  private async ask(question: unknown): Promise<string> {
    this.child.stdin.write(JSON.stringify(question) + '\n');
    return ((await once(this.lines, 'line')) as [string])[0];
  }
}

if (spawnSync(PYTHON, ['-c', 'import torch']).status !== 0) {
  console.log('skipped: PyTorch is not installed (Debian: python3-torch)');
} else {
  const config = finalPhase(process.argv[2] ?? 'models/training/configs/python-sparse.json');
  const tokenizerFile = 'models/bundles/python-sparse/tokenizer.json';
  const tokenizer = Tokenizer.load(tokenizerFile);
  const stream = idiomStream(tokenizer, new Rng('bench'), 200_000);
  const table = new Float32Array(config.model.vocab ** 2);
  const data: TrainingData = {
    ...{ trainStream: stream, heldOutStream: stream, fixed: new Map([['bigram.table', table]]) },
    tokenizerJson: JSON.parse(readFileSync(tokenizerFile, 'utf8')) as unknown,
  };
  const torch = new Torch();
  await torch.start(config);
  const pairs: [number, number][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const own = median(await ownSteps(config, data));
    const theirs: number[] = [];
    for (let i = 0; i < STEPS - 1; i++) theirs.push(await torch.step());
    pairs.push([median(theirs), own]);
    console.log(
      `round ${round + 1}: PyTorch ${median(theirs).toFixed(0)} ms, own ${own.toFixed(0)} ms`,
    );
  }
  torch.stop();
  const ratios = pairs.map(([theirs, own]) => theirs / own);
  console.log(`PyTorch / own training step: ${spread(ratios, 2)}`);
}
