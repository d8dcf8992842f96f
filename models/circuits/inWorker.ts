/** Evaluation, pruning and proof off the caller's thread, with progress and cancellation. */
import { DEFAULT_THREADS } from '../engines/engineChoice';
import type { Proof } from './file/schema';
import type { CircuitMessage, CircuitWorkerData, Job, JobKind, Jobs } from './jobs';
import { UnsolvedError } from './search/outcome';
import { startThread } from '../threads';

export interface JobOptions {
  /** Compiled `circuit-worker`. */
  readonly workerFile: string;
  /** Threads that it computes with; 2 by default. */
  readonly threads?: number;
  /** Cancels the job, which then rejects with an `AbortError` as soon as its thread has ended. */
  readonly signal?: AbortSignal | undefined;
  /** What is being done, and the share of the whole that is done. */
  readonly onProgress?: ((what: string, share: number) => void) | undefined;
}

type Request<K extends JobKind> = Omit<Job<K>, 'kind'>;

/** Loss and accuracy of the whole model on the pairs of a source. */
export function evaluateInWorker(request: Request<'evaluate'>, options: JobOptions) {
  return runJob<'evaluate'>({ kind: 'evaluate', ...request }, options);
}

/** The smallest circuit found; rejects in one line when the model does not solve the task. */
export function pruneInWorker(request: Request<'prune'>, options: JobOptions) {
  return runJob<'prune'>({ kind: 'prune', ...request }, options);
}

/**
 * The proof of a circuit; rejects in one line when it is of another model.
 * @param onPart called after every step with what has been measured so far
 */
export function proveInWorker(
  request: Request<'prove'>,
  options: JobOptions,
  onPart?: (part: Proof) => void,
) {
  return runJob<'prove'>({ kind: 'prove', ...request }, options, onPart);
}

/** How many different circuits do a task; rejects in one line as pruning does. */
export function uniqueInWorker(request: Request<'unique'>, options: JobOptions) {
  return runJob<'unique'>({ kind: 'unique', ...request }, options);
}

/** What is left of a circuit at larger losses; rejects in one line when it is of another model. */
export function shrinkInWorker(request: Request<'shrink'>, options: JobOptions) {
  return runJob<'shrink'>({ kind: 'shrink', ...request }, options);
}

function runJob<K extends JobKind>(
  job: Job<K>,
  { workerFile, threads = DEFAULT_THREADS, signal, onProgress }: JobOptions,
  onPart?: (part: Proof) => void,
): Promise<Jobs[K]['result']> {
  if (signal?.aborted) return Promise.reject(abortError());
  const stop = new SharedArrayBuffer(4);
  const workerData: CircuitWorkerData = { job: job as Job, threads, stop };
  const worker = startThread(workerFile, workerData);
  // The worker ends of itself: terminated within a pass of ONNX Runtime, it would end the process.
  const cancel = () => {
    Atomics.store(new Int32Array(stop), 0, 1);
  };
  signal?.addEventListener('abort', cancel, { once: true });
  return new Promise<Jobs[K]['result']>((resolve, reject) => {
    let end = () => {
      reject(new Error('the thread that works on circuits ended unexpectedly; try again'));
    };
    worker.on('message', (message: CircuitMessage) => {
      if (message.type === 'progress') onProgress?.(message.what, message.share);
      else if (message.type === 'part') onPart?.(message.part);
      else if (message.type === 'error')
        end = () => {
          const { message: line, unsolved } = message;
          reject(unsolved ? new UnsolvedError(line) : new Error(line));
        };
      else
        end = () => {
          resolve(message.result as Jobs[K]['result']);
        };
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      signal?.removeEventListener('abort', cancel);
      if (signal?.aborted) reject(abortError());
      else end();
    });
  });
}

function abortError(): Error {
  return new DOMException('the job was cancelled', 'AbortError');
}
