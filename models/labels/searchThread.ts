/** A search for labels in a thread of its own. */
import type { Worker } from 'node:worker_threads';
import { startThread } from '../threads';
import type { FoundNodes, NodeSearcher, SearchedText } from './nodeSearch';

/** What the thread is asked; nothing for its end. */
export interface SearchRequest {
  readonly activations: Float32Array;
  readonly first: number;
}

export class SearchThread implements NodeSearcher {
  private readonly worker: Worker;
  private answer: (found: FoundNodes) => void = () => undefined;
  private fail: (error: Error) => void = () => undefined;
  /** Why the thread answers no more; null while it does. */
  private failure: Error | null = null;
  private readonly ended: Promise<void>;

  /** @param workerFile compiled `label-worker` */
  constructor(workerFile: string, { table, windows, context }: SearchedText) {
    this.worker = startThread(workerFile, { table, windows, context } satisfies SearchedText);
    this.worker.on('message', (found: FoundNodes) => {
      this.answer(found);
    });
    const failed = (error: Error) => {
      this.failure ??= error;
      this.fail(this.failure);
    };
    this.worker.on('error', failed);
    this.ended = new Promise((resolve) => {
      this.worker.on('exit', () => {
        failed(new Error('the search for labels ended early; start it again and it goes on'));
        resolve();
      });
    });
  }

  /** One request at a time; the activations are given away. */
  search(activations: Float32Array, first: number): Promise<FoundNodes> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      [this.answer, this.fail] = [resolve, reject];
      const request: SearchRequest = { activations, first };
      this.worker.postMessage(request, [activations.buffer as ArrayBuffer]);
    });
  }

  /** Ends the thread when it has answered. */
  async release(): Promise<void> {
    this.worker.postMessage(null);
    await this.ended;
  }
}
