/** `circuitscope train`: trains a model and leaves its bundle in the run's folder. */
import { join } from 'node:path';
import { checkPlace } from '../bundles/bundle';
import { readTrainingConfig, type TrainingConfig } from '../training/config';
import { exportBundle } from '../training/export';
import { prepare } from '../training/prepare';
import type { HeldOut, StepMetrics } from '../training/replica';
import { takeRunFolder } from '../training/runFolder';
import { trainingSource } from '../training/start';
import { checkBegun, minutesOf, train } from '../training/train';
import { measuringWindows } from '../training/windows';
import { say, showLine } from './output';
import { cancellable } from './signals';
import { recordedCommand } from './trainRecord';
import { earlierWeights, fitted, readDense, readEarlier } from './trainStart';

export interface TrainArguments {
  readonly configFile: string;
  readonly corpusDirs: readonly string[];
  readonly out: string;
  readonly resume: boolean;
  /** Folder of the bundle whose training goes on; null starts a new model. */
  readonly from: string | null;
  /** Tokenizer of a new model; a run that goes on keeps its own. */
  readonly tokenizerFile: string;
  /** Folder of the shipped bundles. */
  readonly bundlesDir: string;
  /** Compiled `training-worker`. */
  readonly workerFile: string;
  /** Progress goes to standard error; `bar` redraws one line of a terminal. */
  readonly bar: boolean;
}

/** What a finished run prints. */
export interface TrainReport {
  readonly out: string;
  readonly bundle: string | null;
  readonly step: number;
  readonly steps: number;
  readonly loss: number | null;
  readonly heldOut: HeldOut | null;
}

/** Runs the training; Ctrl-C stops it with a checkpoint. A run that reached its end has a bundle. */
export async function runTraining(args: TrainArguments): Promise<TrainReport> {
  const config = readTrainingConfig(args.configFile);
  const release = takeRunFolder(args.out);
  try {
    return await trainInto(args, config);
  } finally {
    release();
  }
}

async function trainInto(args: TrainArguments, config: TrainingConfig): Promise<TrainReport> {
  const note = args.bar ? showLine : say;
  // Hours would be lost in the end.
  const bundleDir = join(args.out, 'bundle');
  checkPlace(bundleDir, config.name);
  checkBegun(args);
  const from = args.from === null ? null : readEarlier(args.from, config);
  const tokenizerFile = from ? join(from.dir, 'tokenizer.json') : args.tokenizerFile;
  const dense = readDense(config, args.bundlesDir, tokenizerFile);
  const prepared = prepare({
    ...{ config, corpusDirs: args.corpusDirs, tokenizerFile, from: from?.weights ?? null },
    cacheDir: join(args.out, 'tokens'),
    onProgress: note,
  });
  const progress = new Progress(config.steps, config.batch * config.model.context);
  const { step, finished, weights } = await cancellable((signal) =>
    train({
      ...{ config, data: { ...prepared.data, ...(dense && { dense }) } },
      ...{ out: args.out, resume: args.resume, workerFile: args.workerFile },
      ...(from && { from: earlierWeights(from, config, dense) }),
      ...(dense && { fit: fitted(config, dense) }),
      signal,
      onStep: (metrics) => {
        const line = progress.line(metrics);
        (metrics.heldOut ? note : showLine)(line);
      },
    }),
  );
  if (args.bar) say('');
  if (finished) {
    note('measuring the model');
    const { data, corpus } = prepared;
    const tokens = step * config.batch * config.model.context;
    const engine = 'in TypeScript on ONNX Runtime';
    await exportBundle({
      ...{ config, corpus, weights, from, bundleDir, tokenizerJson: data.tokenizerJson },
      ...(dense && { dense }),
      windows: measuringWindows(
        trainingSource(config, data),
        data.heldOutStream,
        prepared.newerStream,
      ),
      run: {
        command: recordedCommand(args),
        engine,
        steps: step,
        tokens,
        minutes: minutesOf(args.out),
      },
    });
    if (args.bar) say('');
  }
  const { last, heldOut } = progress;
  const bundle = finished ? bundleDir : null;
  return { out: args.out, bundle, step, steps: config.steps, loss: last?.loss ?? null, heldOut };
}

/** One line about a run under way. */
class Progress {
  last: StepMetrics | null = null;
  heldOut: HeldOut | null = null;
  private smoothed: number | null = null;

  constructor(
    private readonly steps: number,
    private readonly tokensPerStep: number,
  ) {}

  line(metrics: StepMetrics): string {
    this.last = metrics;
    this.heldOut = metrics.heldOut ?? this.heldOut;
    const { step, milliseconds, loss, l0 } = metrics;
    this.smoothed = 0.95 * (this.smoothed ?? milliseconds) + 0.05 * milliseconds;
    const filled = Math.round((20 * step) / this.steps);
    const minutes = Math.ceil(((this.steps - step) * this.smoothed) / 60_000);
    const held = this.heldOut ? heldOutText(this.heldOut) : '';
    return (
      `${'█'.repeat(filled)}${'░'.repeat(20 - filled)} ${step}/${this.steps} · ` +
      `loss ${loss.toFixed(3)} · ${held}L0 ${l0.toFixed(3)} · ` +
      `${Math.round((1000 * this.tokensPerStep) / this.smoothed)} tokens/s · ${minutes} min left`
    );
  }
}

/** Held-out losses of both kinds of text, and what else there is, ordinary before generated. */
function heldOutText({ ordinary, idioms, terms }: HeldOut): string {
  const further = Object.entries(terms?.ordinary ?? {}).map(
    ([term, value]) => `${term} ${value.toFixed(3)}/${terms!.idioms[term].toFixed(3)} · `,
  );
  return `held-out ${ordinary.toFixed(3)} idioms ${idioms.toFixed(3)} · ${further.join('')}`;
}
