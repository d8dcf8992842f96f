/** An import off the caller's thread, with progress and cancellation. */
import { startThread } from '../threads';
import type { Imported, ImportOptions } from './importModel';
import type { ImportMessage, ImportWorkerData } from './jobs';

export interface ImportJobOptions {
  /** Compiled `import-worker`. */
  readonly workerFile: string;
  /** Cancels the import, which then rejects with an `AbortError` as soon as its thread has ended. */
  readonly signal?: AbortSignal | undefined;
  /** What is being done, and how much of how much of it is done. */
  readonly onProgress?: ((what: string, done: number, total: number) => void) | undefined;
}

/**
 * Imports a model; nothing is written until all of it is there.
 * @throws one line that says what is wrong with its files, or an abort error
 */
export function importInWorker(
  options: ImportOptions,
  { workerFile, signal, onProgress }: ImportJobOptions,
): Promise<Imported> {
  if (signal?.aborted) return Promise.reject(abortError());
  const stop = new SharedArrayBuffer(4);
  const worker = startThread(workerFile, { options, stop } satisfies ImportWorkerData);
  // The thread ends of itself: terminated within a pass of ONNX Runtime, it would end the process.
  const cancel = () => {
    Atomics.store(new Int32Array(stop), 0, 1);
  };
  signal?.addEventListener('abort', cancel, { once: true });
  return new Promise<Imported>((resolve, reject) => {
    let last: Exclude<ImportMessage, { type: 'progress' }> = {
      ...{ type: 'error', message: 'the import ended early; try again' },
    };
    worker.on('message', (message: ImportMessage) => {
      if (message.type === 'progress') onProgress?.(message.what, message.done, message.total);
      else last = message;
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      signal?.removeEventListener('abort', cancel);
      if (last.type === 'result') resolve(last.result);
      else reject(signal?.aborted ? abortError() : new Error(last.message));
    });
  });
}

function abortError(): Error {
  return new DOMException('the import was cancelled', 'AbortError');
}
