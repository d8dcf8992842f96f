/** A run small enough to be trained in a second, and how tests start it. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { Rng } from '../../../models/random';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import type { TrainingConfig } from '../../../models/training/config';
import { idiomStream } from '../../../models/training/data';
import type { StepMetrics } from '../../../models/training/replica';
import type { TrainingData } from '../../../models/training/start';
import {
  metricsFile,
  train,
  type TrainOptions,
  type TrainResult,
} from '../../../models/training/train';
import { everySite } from '../../../models/transformer/config';
import type { Weights } from '../../../models/transformer/parameters';
import { trainingConfig } from '../../support/training';

const WORKER = resolve('dist/training-worker.js');
const TOKENIZER = 'models/bundles/python-sparse/tokenizer.json';
const VOCAB = 2048;
export const STEPS = 40;
/** A run takes two seconds, but its threads wait for one another where others use the cores. */
export const PATIENCE = 600_000;

/** Settings of the run; checkpoints and evaluations mostly fall on different steps. */
export function tinyRun(overrides: Partial<TrainingConfig> = {}): TrainingConfig {
  const optimizer = {
    ...{ matrices: 'muon' as const, momentum: 0.9, learningRate: 0.02, beta1: 0.9, beta2: 0.95 },
    ...{ epsilon: 1e-8, weightDecay: 0.1, clipRms: 1, warmup: 0.1 },
  };
  const model = {
    ...{ layers: 2, dModel: 16, heads: 2, dHead: 8, dMlp: 32, vocab: VOCAB, context: 24 },
    ...{ positions: 0, activationFraction: everySite(0.5) },
  };
  const config = { steps: STEPS, batch: 4, replicas: 2, evalEvery: 20, checkpointEvery: 7 };
  return trainingConfig({ ...config, optimizer, ...overrides }, model);
}

/** A made-up corpus of idioms, and a bigram table of zeros. */
export function tinyData(): TrainingData {
  const tokenizerJson: unknown = JSON.parse(readFileSync(TOKENIZER, 'utf8'));
  const tokenizer = Tokenizer.fromJson(tokenizerJson);
  return {
    trainStream: idiomStream(tokenizer, new Rng('train'), 8000),
    heldOutStream: idiomStream(tokenizer, new Rng('held out'), 4000),
    tokenizerJson,
    fixed: new Map([['bigram.table', new Float32Array(VOCAB * VOCAB)]]),
  };
}

/** A folder for the runs of one test file. */
export function runFolder(): { at: (name: string) => string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'circuitscope-runs-'));
  const remove = () => {
    rmSync(folder, { recursive: true });
  };
  return { at: (name) => join(folder, name), remove };
}

/** Trains in a folder with the built worker. */
export function run(
  out: string,
  data: TrainingData,
  options: Partial<TrainOptions> = {},
): Promise<TrainResult> {
  if (!existsSync(WORKER)) throw new Error(`${WORKER} is missing; run \`npm run build\``);
  return train({ config: tinyRun(), data, out, resume: false, workerFile: WORKER, ...options });
}

/** What the metrics file says of each step, but for how long it took. */
export function curve(out: string): Omit<StepMetrics, 'milliseconds'>[] {
  const lines = readFileSync(metricsFile(out), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const { milliseconds, ...rest } = JSON.parse(line) as StepMetrics;
    if (!(milliseconds > 0)) throw new Error(`a step took ${milliseconds} ms`);
    return rest;
  });
}

/** Fails unless two models have the same numbers, to the bit; much faster than `toEqual`. */
export function expectSameWeights(actual: Weights, expected: Weights): void {
  expect([...actual.keys()]).toEqual([...expected.keys()]);
  for (const [name, data] of expected) {
    const other = actual.get(name)!;
    const bytes = ({ buffer, byteOffset, byteLength }: Float32Array) =>
      Buffer.from(buffer, byteOffset, byteLength);
    expect(bytes(other).equals(bytes(data)), `${name} is the same`).toBe(true);
  }
}
