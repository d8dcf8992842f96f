/** Work that several may want at once: done once, and cancelled when nobody wants it any longer. */
import { abortError } from '../cancel';

/** Hears how many parts are done, of how many. */
export type OnProgress = (done: number, total: number) => void;

interface Running<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  readonly listeners: Set<OnProgress>;
  waiting: number;
}

export class SharedWork<T> {
  private readonly running = new Map<string, Running<T>>();

  /**
   * Starts the work of a key, or joins it when it is under way.
   * @param signal ends the wait of this caller, which then rejects with an abort error
   */
  async join(
    key: string,
    signal: AbortSignal | undefined,
    start: (signal: AbortSignal, onProgress: OnProgress) => Promise<T>,
    onProgress?: OnProgress | undefined,
  ): Promise<T> {
    if (signal?.aborted) throw abortError();
    const work = this.running.get(key) ?? this.begin(key, start);
    if (onProgress) work.listeners.add(onProgress);
    work.waiting++;
    let leave: () => void = () => undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => {
        reject(abortError());
      };
    });
    signal?.addEventListener('abort', leave);
    try {
      return await Promise.race([work.result, left]);
    } finally {
      signal?.removeEventListener('abort', leave);
      if (onProgress) work.listeners.delete(onProgress);
      if (--work.waiting === 0) this.end(key, work);
    }
  }

  private begin(
    key: string,
    start: (signal: AbortSignal, onProgress: OnProgress) => Promise<T>,
  ): Running<T> {
    const controller = new AbortController();
    const listeners = new Set<OnProgress>();
    const result = start(controller.signal, (done, total) => {
      for (const listener of listeners) listener(done, total);
    });
    const work = { result, controller, listeners, waiting: 0 };
    this.running.set(key, work);
    return work;
  }

  private end(key: string, work: Running<T>): void {
    if (this.running.get(key) === work) this.running.delete(key);
    // Of no consequence when it is done.
    work.controller.abort();
  }
}
