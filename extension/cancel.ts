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

/** The result of work; null when it takes longer than that or was cancelled. */
export async function soon<T>(work: Promise<T>, milliseconds: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, milliseconds, null);
  });
  try {
    return await Promise.race([work, over]);
  } catch (error) {
    if (isAbort(error)) return null;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
