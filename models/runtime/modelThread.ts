/** The thread that holds a model: started when it is first asked, and again when it was lost. */
import type { Worker } from 'node:worker_threads';
import { DEFAULT_THREADS, type EngineChoice } from '../engines/engineChoice';
import { oneLine } from '../oneLine';
import { startThread } from '../threads';
import type { Call, Method, Params, Reply, Request, Result, WorkerOptions } from './protocol';

/**
 * What a request leaves behind is small or an array outside the heap. With the room for new objects that
 * Node 24 gives by default, the thread's heap grows to three times the size before it is cleared.
 */
const LIMITS = { maxYoungGenerationSizeMb: 8 };

export interface ThreadOptions {
  /** Compiled `runtime-worker`. */
  readonly workerFile: string;
  /** Folder of the shipped bundles, where the dense model of a bridged one is looked for too. */
  readonly bundlesDir?: string;
  /** Threads that the model computes with; 2 by default. */
  readonly threads?: number;
  /** What computes: the faster one by default, see `Sessions`. */
  readonly engine?: EngineChoice;
  /** Told in one line which engine was chosen. */
  readonly onNote?: (line: string) => void;
}

/** How a call is watched. */
export interface CallOptions {
  /** Cancels the request, which then rejects with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /** Parts done and parts in all, after each part of a long request. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A request under way. */
interface Pending {
  readonly resolve: (result: Result<Method>) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: CallOptions['onProgress'];
}

/** The model's thread is gone, and the request with it; the next request starts another. */
export class ModelLost extends Error {
  override readonly name = 'ModelLost';
}

export class ModelThread {
  /** The bundle's hash once it was opened: another one in its folder is refused. */
  expectedHash: string | null = null;
  private worker: Worker | null = null;
  private closed = false;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;

  constructor(
    private readonly bundleDir: string,
    private readonly options: ThreadOptions,
  ) {}

  /** A request of the worker, which is started with the first one. */
  call<M extends Method>(
    method: M,
    params: Params<M>,
    { signal, onProgress }: CallOptions = {},
  ): Promise<Result<M>> {
    if (this.closed) return Promise.reject(new Error('the model was closed; open it again'));
    if (signal?.aborted) return Promise.reject(abortError());
    const worker = (this.worker ??= this.start());
    const id = ++this.lastId;
    return new Promise<Result<Method>>((resolve, reject) => {
      const onAbort = () => {
        if (!this.pending.delete(id)) return;
        worker.postMessage({ type: 'cancel', id } satisfies Request);
        reject(abortError());
      };
      const settled = () => signal?.removeEventListener('abort', onAbort);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.pending.set(id, {
        onProgress,
        resolve: (result) => {
          settled();
          resolve(result);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      worker.postMessage({ type: 'call', id, call: { method, params } as Call } satisfies Request);
    }) as Promise<Result<M>>;
  }

  /** Gives up the worker; requests under way reject, and the next request starts a new one. */
  async restart(): Promise<void> {
    const { worker } = this;
    this.lose(new ModelLost('the model was restarted; try again'));
    await end(worker);
  }

  /** Ends the runtime; requests under way and later ones reject. */
  async close(): Promise<void> {
    const { worker } = this;
    this.closed = true;
    this.lose(new Error('the model was closed; open it again'));
    await end(worker);
  }

  private start(): Worker {
    const workerData: WorkerOptions = {
      bundleDir: this.bundleDir,
      bundlesDir: this.options.bundlesDir ?? null,
      threads: this.options.threads ?? DEFAULT_THREADS,
      engine: this.options.engine ?? 'auto',
      expectedHash: this.expectedHash,
    };
    const worker = startThread(this.options.workerFile, workerData, LIMITS);
    const failed = (what: string) => {
      if (this.worker === worker) {
        this.lose(new ModelLost(`the model's thread failed: ${what}; try again`));
      }
    };
    worker.on('message', (reply: Reply) => {
      if (reply.type === 'failed') failed(reply.message);
      else if (reply.type === 'note') this.options.onNote?.(reply.line);
      else this.receive(reply);
    });
    worker.on('error', (error) => {
      failed(oneLine(error));
    });
    worker.on('exit', (code) => {
      if (this.worker !== worker) return;
      this.lose(new ModelLost(`the model's thread ended early (code ${code}); try again`));
    });
    return worker;
  }

  /** Gives up the worker: nothing under way can be answered any more. */
  private lose(error: Error): void {
    this.worker = null;
    const lost = [...this.pending.values()];
    this.pending.clear();
    for (const { reject } of lost) reject(error);
  }

  private receive(reply: Exclude<Reply, { type: 'failed' | 'note' }>): void {
    const request = this.pending.get(reply.id);
    if (!request) return; // It was cancelled.
    if (reply.type === 'progress') {
      request.onProgress?.(reply.done, reply.total);
      return;
    }
    this.pending.delete(reply.id);
    if (reply.type === 'result') request.resolve(reply.result);
    else request.reject(new Error(reply.message));
  }
}

/**
 * Resolves when the worker has ended of itself. It must not be terminated: ONNX Runtime, stopped
 * within a pass, takes the whole process with it.
 */
async function end(worker: Worker | null): Promise<void> {
  if (!worker) return;
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  worker.postMessage({ type: 'close' } satisfies Request);
  await ended;
}

function abortError(): Error {
  return new DOMException('the request was cancelled', 'AbortError');
}
