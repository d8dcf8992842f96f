/**
 * A training step of the PyTorch engine against a model written by hand in PyTorch: same sizes, same
 * machine, turn by turn in one run.
 *
 *   npm run bench -- trainingTorch
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Rng } from '../../models/random';
import { Tokenizer } from '../../models/tokenizer/tokenizer';
import { readTrainingConfig } from '../../models/training/config';
import { idiomStream } from '../../models/training/data';
import { writeRunFolder } from '../../models/training/torch/runFolder';
import { figure, median } from './paired';
import { benchmark } from './start';
import { hasTorch, PythonProgram } from './torch';

const CONFIG = 'models/training/configs/python-sparse.json';
const STEPS = 8;
const PYTHON = '/usr/bin/python3';

benchmark(async ({ dir, pairs }) => {
  if (!hasTorch()) return;
  const given = readTrainingConfig(CONFIG);
  const sparsity = { ...given.sparsity, annealUntil: 0 };
  const config = { ...given, sparsity, idiomShare: 0 };
  const { model, batch, replicas, optimizer } = config;
  const tokenizerFile = join(dir, 'tokenizer.json');
  const stream = idiomStream(Tokenizer.load(tokenizerFile), new Rng('bench'), 200_000);
  const fixed = new Map([['bigram.table', new Float32Array(model.vocab ** 2)]]);
  const tokenizerJson = JSON.parse(readFileSync(tokenizerFile, 'utf8')) as unknown;
  const out = mkdtempSync(join(tmpdir(), 'circuitscope-bench-'));
  try {
    const run = join(out, 'run');
    await writeRunFolder({
      ...{ config, from: null, out: run, command: '', programs: resolve('models/training/torch') },
      prepared: {
        data: { trainStream: stream, heldOutStream: stream, tokenizerJson, fixed },
        corpus: { packages: [], train: {}, heldout: {} },
        newerStream: null,
      },
      tokens: { ordinary: 1e6, generated: 1e6 },
    });
    const byHand = new PythonProgram('training_torch.py');
    const { matrices } = optimizer;
    await byHand.ask({ ...model, batch, threads: replicas, l0: sparsity.l0, matrices });
    await byHand.ask('step'); // The first step allocates.
    const [own, short, theirs] = [[] as number[], [] as number[], [] as number[]];
    const env = { ...process.env, OMP_NUM_THREADS: String(replicas) };
    const step = (precision: string) => {
      const args = [join(run, 'train.py'), '--smoke', '--precision', precision];
      const report = String(execFileSync(PYTHON, args, { env }));
      return (JSON.parse(report) as { millisecondsPerStep: number }).millisecondsPerStep;
    };
    for (let round = 0; round < Math.ceil(pairs / 6); round++) {
      own.push(step('float32'));
      short.push(step('bfloat16'));
      const times: number[] = [];
      for (let i = 0; i < STEPS; i++) times.push(await byHand.ask<number>('step'));
      theirs.push(median(times));
    }
    byHand.stop();
    const name = `tokens a second of the PyTorch engine / a model by hand, ${batch * model.context} tokens a step`;
    figure({ bench: 'trainingTorch', name, unit: 'ratio', target: 'at least 0.9' }, theirs, own);
    const shorter = 'tokens a second of the PyTorch engine with products in bfloat16 / in float32';
    figure({ bench: 'trainingTorch', name: shorter, unit: 'ratio', target: '' }, own, short);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
});
