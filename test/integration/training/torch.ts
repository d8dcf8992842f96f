/** Runs of the PyTorch engine, made and run as a person does. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Bundle } from '../../../models/bundles/bundle';
import type { TrainingConfig } from '../../../models/training/config';
import type { StepMetrics } from '../../../models/training/replica';
import type { TrainingData } from '../../../models/training/start';
import { writeRunFolder } from '../../../models/training/torch/runFolder';
import type { BridgedStart } from '../../../models/training/torch/startFile';
import { torchPython } from '../../support/python';

interface TorchRun {
  readonly config: TrainingConfig;
  readonly data: TrainingData;
  readonly from?: Bundle | null;
  readonly bridged?: BridgedStart;
}

/** Writes a run's folder; returns it. */
export async function makeTorchRun(
  out: string,
  { config, data, from = null, bridged }: TorchRun,
): Promise<string> {
  const corpus = { packages: [], train: { tokens: 8000 }, heldout: { tokens: 4000 } };
  await writeRunFolder({
    ...{ config, from, out, command: 'circuitscope train …', ...(bridged && { bridged }) },
    ...{
      prepared: { data, corpus, newerStream: data.heldOutStream },
      tokens: { ordinary: 1e6, generated: 5000 },
    },
    programs: resolve('models/training/torch'),
  });
  return out;
}

/** Products as ours: in float32, also on a processor that has quicker ones. */
const AS_OURS = ['--precision', 'float32'];

/** Runs train.py; what it says on standard error. */
export async function runTrain(
  dir: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stderr } = await promisify(execFile)(...trainCommand(dir, args, env));
  return stderr;
}

/** The same, to be stopped. */
export const startTrain = (dir: string) => execFile(...trainCommand(dir, [], {}));

const trainCommand = (
  dir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
) =>
  [
    torchPython!,
    [join(dir, 'train.py'), ...AS_OURS, ...args],
    { env: { ...process.env, OMP_NUM_THREADS: '1', ...env } },
  ] as const;

/** Runs train.py until a step is done, and stops it there as a signal would. */
export async function runUntil(dir: string, step: number): Promise<void> {
  const program = `
import sys
sys.argv = ["train.py", "--precision", "float32"]
sys.path.insert(0, ${JSON.stringify(dir)})
import train
train.FLUSH_SECONDS = 0  # It looks after every step whether to stop.
whole = train.Trainer.gradient
def stopping(self, step, batch):
    self.asked_to_stop = step + 1 >= ${step}
    return whole(self, step, batch)
train.Trainer.gradient = stopping
train.main()
`;
  const env = { ...process.env, OMP_NUM_THREADS: '1' };
  await promisify(execFile)(torchPython!, ['-c', program], { env });
}

/** Runs train.py in two processes, with what torchrun sets, which Debian's PyTorch cannot start under its Python. */
export async function runTwo(dir: string): Promise<void> {
  const port = String(20_000 + (process.pid % 20_000));
  const shared = { WORLD_SIZE: '2', MASTER_ADDR: '127.0.0.1', MASTER_PORT: port };
  const ranks = ['0', '1'].map((rank) =>
    runTrain(dir, [], { ...shared, RANK: rank, LOCAL_RANK: rank }),
  );
  await Promise.all(ranks);
}

/** What a program that fails says, or nothing. */
export const failing = (promise: Promise<unknown>) =>
  promise.then(
    () => '',
    (error: unknown) => {
      const { stderr, message } = error as { stderr?: string; message: string };
      return stderr ?? message;
    },
  );

/** What train.py says of each step. */
export const torchCurve = (dir: string) =>
  readFileSync(join(dir, 'result', 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as StepMetrics);
