/** Cancelled work, told from work that failed. */

/** What cancelled work rejects with. */
export function abortError(): Error {
  return new DOMException('the request was cancelled', 'AbortError');
}

/** Whether an error says no more than that nobody wants the result any longer. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The newest work of its kind: starting the next one cancels it. */
export class Newest {
  private controller: AbortController | null = null;

  /** Cancels the work before and gives the signal of the next. */
  start(): AbortSignal {
    this.cancel();
    this.controller = new AbortController();
    return this.controller.signal;
  }

  cancel(): void {
    this.controller?.abort();
    this.controller = null;
  }
}
