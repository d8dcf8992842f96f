/** What Ctrl-C and a request to end do to work that can be cancelled: it cleans up, and the exit code is the signal's. */
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The signal that has stopped the work; null where none has. */
let caught: (typeof SIGNALS)[number] | null = null;

/**
 * Runs work that the first signal cancels; the next ends the process at once, as any does where nothing is
 * to be cleaned up.
 */
export async function cancellable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const leave = () => {
    for (const signal of SIGNALS) process.off(signal, stop);
  };
  const stop = (signal: (typeof SIGNALS)[number]) => {
    caught = signal;
    leave();
    abort.abort();
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    return await work(abort.signal);
  } finally {
    leave();
  }
}

/** Exit code of work that a signal has stopped, 130 for Ctrl-C; undefined where none has. */
export const codeOfSignal = (): number | undefined =>
  caught === null ? undefined : 128 + constants.signals[caught];
