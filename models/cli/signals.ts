/** SIGINT (Ctrl-C) and SIGTERM cancel long work, which then cleans up; the exit code is the signal's. */
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The signal that has stopped the work; null where none has. */
let caught: (typeof SIGNALS)[number] | null = null;

/** Runs work that the first SIGINT or SIGTERM cancels; a second one ends the process at once. */
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
