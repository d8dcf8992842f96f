/** `circuitscope train --engine torch` and `--finish`: a run's folder for PyTorch, and its bundle. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from '../bundles/bundle';
import { readTrainingConfig, type TrainingConfig } from '../training/config';
import { exportBundle } from '../training/export';
import { prepare, type Prepared } from '../training/prepare';
import { readFinishedRun } from '../training/torch/finish';
import { writeRunFolder, type RunFolderReport } from '../training/torch/runFolder';
import type { Weights } from '../transformer/parameters';
import { objectiveOf } from '../training/objective';
import { startingWeights, type GivenModel } from '../training/start';
import { say } from './output';
import { recordedCommand } from './trainRecord';
import { earlierWeights, fitted, readDense, readEarlier } from './trainStart';

export interface TorchArguments {
  readonly configFile: string;
  readonly corpusDirs: readonly string[];
  readonly out: string;
  /** Folder of the bundle whose training goes on; null starts a new model. */
  readonly from: string | null;
  readonly tokenizerFile: string;
  /** Folder of the shipped bundles. */
  readonly bundlesDir: string;
  /** Folder of the programs in Python. */
  readonly programs: string;
  /** Most tokens of each stream. */
  readonly tokens: { readonly ordinary: number; readonly generated: number };
}

/** Writes the folder of a run; its token streams are kept beside it, for the next one. */
export async function prepareTorchRun(args: TorchArguments): Promise<RunFolderReport> {
  const config = readTrainingConfig(args.configFile);
  if (existsSync(args.out)) throw new Error(`${args.out} exists already; choose another --out`);
  const from = args.from === null ? null : readEarlier(args.from, config);
  const tokenizerFile = from ? join(from.dir, 'tokenizer.json') : args.tokenizerFile;
  const dense = readDense(config, args.bundlesDir, tokenizerFile);
  const prepared = prepare({
    ...{ config, corpusDirs: args.corpusDirs, tokenizerFile, from: from?.weights ?? null },
    cacheDir: `${args.out}-tokens`,
    onProgress: say,
  });
  const bridged = dense && { dense, start: await bridgedStart(config, prepared, from, dense) };
  const common = { config, prepared, from, command: recordedCommand(args), onProgress: say };
  return writeRunFolder({ ...args, ...common, ...(bridged && { bridged }) });
}

/** All that a bridged run begins with: its bridges are fitted to the models as they are then. */
async function bridgedStart(
  config: TrainingConfig,
  { data }: Prepared,
  from: Bundle | null,
  dense: GivenModel,
): Promise<Weights> {
  say('fitting bridges');
  const options = {
    ...{ config, data: { ...data, dense }, fit: fitted(config, dense) },
    ...(from && { from: earlierWeights(from, config, dense) }),
  };
  return startingWeights(options, objectiveOf(config, dense.config).specs);
}

/** Measures what train.py left in a run's folder and writes the bundle; its folder. */
export async function finishTorchRun(dir: string): Promise<string> {
  const finished = readFinishedRun(dir);
  const bundleDir = join(dir, 'bundle');
  say('measuring the model');
  await exportBundle({ ...finished, bundleDir });
  return bundleDir;
}
