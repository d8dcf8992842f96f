/** A training run from the outside: starts the replicas, keeps metrics and checkpoints, can resume. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { removeLeftovers, writeFileAtomic } from '../files';
import { givenWeights } from '../bridges/parameters';
import type { Weights } from '../transformer/parameters';
import { readCheckpoint, type Checkpoint } from './checkpoint';
import { toWeights, trainedSlots, view } from './layout';
import { objectiveOf } from './objective';
import type { ReplicaData, ReplicaMessage, StepMetrics } from './replica';
import { abandon, allocate, requestStop, type SharedBuffers } from './shared';
import { startingWeights, type StartOptions } from './start';
import { startThread } from '../threads';
import { writing } from '../unwritten';

export interface TrainOptions extends StartOptions {
  /** Folder of the run: checkpoint, metrics, settings. */
  readonly out: string;
  /** Continue from the folder's checkpoint; without it a folder that has one is refused. */
  readonly resume: boolean;
  /** Compiled `training-worker`. */
  readonly workerFile: string;
  readonly onStep?: (metrics: StepMetrics) => void;
  /** Stops after the step under way, with a checkpoint. */
  readonly signal?: AbortSignal;
}

export interface TrainResult {
  /** Steps done. */
  readonly step: number;
  /** Whether the run came to its end: the last step, or the loss that is enough. */
  readonly finished: boolean;
  readonly weights: Weights;
}

export const checkpointFile = (out: string) => join(out, 'checkpoint.safetensors');
export const metricsFile = (out: string) => join(out, 'metrics.jsonl');
export const settingsFile = (out: string) => join(out, 'config.json');

/** Fingerprint of what a resumed run must share with the run it continues. */
function fingerprint({ config, data, from }: TrainOptions): string {
  const hash = createHash('sha256').update(JSON.stringify(config));
  hash.update(JSON.stringify(data.tokenizerJson));
  hash.update(data.trainStream).update(data.heldOutStream);
  hash.update(data.identifiers?.join(' ') ?? '');
  for (const [name, numbers] of [...data.fixed, ...(from ?? [])]) hash.update(name).update(numbers);
  return hash.digest('hex');
}

/** Trains a model to its last step, or until the signal; throws with the checkpoint kept. */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { config, data, out } = options;
  const { specs, terms } = objectiveOf(config, data.dense?.config);
  const { slots, total } = trainedSlots(specs);
  const settings = fingerprint(options);
  mkdirSync(out, { recursive: true });
  removeLeftovers(checkpointFile(out));
  const start = startingPoint(options, total, settings);
  const buffers = allocate(total, config.replicas, 2 + terms.length);
  const weights = new Float32Array(buffers.weights);
  if (start) {
    weights.set(start.weights);
    new Float32Array(buffers.first).set(start.first);
    new Float32Array(buffers.second).set(start.second);
  } else {
    const first = await startingWeights(options, specs);
    for (const slot of slots) view(weights, slot).set(first.get(slot.spec.name)!);
  }
  const startStep = start?.step ?? 0;
  writeFileAtomic(settingsFile(out), JSON.stringify(config, null, 2) + '\n');
  trimMetrics(out, startStep);
  const active = start?.active ?? new Uint8Array();
  const end = await runReplicas(options, buffers, { startStep, settings, active });
  return { ...end, weights: toWeights(slots, weights, data.fixed) };
}

/** Throws in one line where a folder holds a run that is not to be continued. */
export function checkBegun({ out, resume }: Pick<TrainOptions, 'out' | 'resume'>): void {
  if (resume || !existsSync(checkpointFile(out))) return;
  throw new Error(`${out} already has a run; add --resume to continue it or choose another --out`);
}

function startingPoint(options: TrainOptions, total: number, settings: string): Checkpoint | null {
  checkBegun(options);
  if (!options.resume) return null;
  const file = checkpointFile(options.out);
  const checkpoint = readCheckpoint(file, total);
  const dense = options.data.dense?.hash ?? '';
  if (checkpoint && checkpoint.dense !== dense) {
    throw new Error(
      `${file} was trained with another dense model, ${checkpoint.dense.slice(0, 12)}; choose another --out`,
    );
  }
  if (checkpoint && checkpoint.settings !== settings) {
    throw new Error(
      `${file} was trained with other settings or another corpus; choose another --out`,
    );
  }
  return checkpoint;
}

/** Drops metrics of steps after the checkpoint, which will be done again. */
function trimMetrics(out: string, step: number): void {
  const file = metricsFile(out);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const kept = lines.filter((line) => {
    try {
      return (JSON.parse(line) as StepMetrics).step <= step;
    } catch {
      return false; // A line that a kill cut short.
    }
  });
  writeFileAtomic(file, kept.map((line) => line + '\n').join(''));
}

/** Minutes that the steps of a run took, from its metrics. */
export function minutesOf(out: string): number {
  const lines = readFileSync(metricsFile(out), 'utf8').trim().split('\n');
  const steps = lines.filter(Boolean).map((line) => JSON.parse(line) as StepMetrics);
  return steps.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 60_000;
}

function share(array: Uint16Array): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(array.byteLength);
  new Uint16Array(shared).set(array);
  return shared;
}

type End = Omit<TrainResult, 'weights'>;

/** Runs all replicas to their end. */
async function runReplicas(
  options: TrainOptions,
  buffers: SharedBuffers,
  start: Pick<ReplicaData, 'startStep' | 'settings' | 'active'>,
): Promise<End> {
  const { config, data, out } = options;
  const stop = () => {
    requestStop(buffers);
  };
  options.signal?.addEventListener('abort', stop);
  if (options.signal?.aborted) stop();
  const { dense } = data;
  const fixed = new Map([...data.fixed, ...(dense ? givenWeights(dense.weights) : [])]);
  const common = {
    ...{ ...start, config, buffers, fixed, dense: dense?.config, denseHash: dense?.hash ?? '' },
    ...{ trainStream: share(data.trainStream), heldOutStream: share(data.heldOutStream) },
    ...{ tokenizerJson: data.tokenizerJson, identifiers: data.identifiers },
    checkpointFile: checkpointFile(out),
  };
  const onMessage = (message: ReplicaMessage) => {
    if (message.kind !== 'step') return;
    writing(metricsFile(out), () => {
      appendFileSync(metricsFile(out), JSON.stringify(message.metrics) + '\n');
    });
    options.onStep?.(message.metrics);
  };
  const workers = Array.from({ length: config.replicas }, (_, rank) => {
    const workerData: ReplicaData = { ...common, rank };
    return startThread(options.workerFile, workerData);
  });
  const exits = workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
  try {
    const ends = await Promise.all(workers.map((worker) => replicaEnd(worker, onMessage)));
    return ends[0];
  } finally {
    options.signal?.removeEventListener('abort', stop);
    // Never `terminate`: in the middle of a computation of ONNX Runtime it aborts the process.
    requestStop(buffers);
    abandon(buffers);
    await Promise.all(exits);
  }
}

/** Resolves when the replica ends; rejects when it fails or dies. */
function replicaEnd(worker: Worker, onMessage: (message: ReplicaMessage) => void): Promise<End> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: ReplicaMessage) => {
      if (message.kind === 'done') resolve({ step: message.step, finished: message.finished });
      try {
        onMessage(message);
      } catch (error) {
        reject(error as Error); // A full disk, say.
      }
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      reject(new Error('a training thread ended unexpectedly; continue with --resume'));
    });
  });
}
