/** The windows that a model is measured on: a function of the run's seed and corpus alone. */
import { MOST_TOKENS } from '../bundles/examples';
import { HELD_OUT_SEED, makeBatch, type Batch, type WindowSource } from './data';

/** Windows over which means are taken and neurons watched, and those of each held-out loss. */
export const MEAN_WINDOWS = 512;
export const LOSS_WINDOWS = 384;
/** Windows that are drawn together. */
const MEAN_ROUND = 8;
const EXAMPLE_WINDOWS = 200;

/** What a finished model is measured on. */
export interface MeasuringWindows {
  /** The training mix, [window · pos]. */
  readonly means: Int32Array;
  /** Held-out ordinary Python and generated programs, for losses. */
  readonly ordinary: Batch;
  readonly idioms: Batch;
  /** Packages held out later, for a loss of their own; null where there are none. */
  readonly newer: Batch | null;
  /** Held-out ordinary Python in which each node's strongest tokens are looked for, [window · pos]. */
  readonly examples: Int32Array;
}

/**
 * @param train what the model is trained on
 * @param heldOutStream ordinary Python that it is not trained on
 * @param newerStream the same of packages that were held out later
 */
export function measuringWindows(
  train: WindowSource,
  heldOutStream: Uint16Array,
  newerStream?: Uint16Array | null,
): MeasuringWindows {
  const held: WindowSource = {
    ...{ tokenizer: train.tokenizer, context: train.context, idiomShare: 0 },
    ...{ stream: heldOutStream, seed: HELD_OUT_SEED },
  };
  const loss = (changes: Partial<WindowSource>) =>
    makeBatch({ ...held, ...changes }, 'card', 0, 0, LOSS_WINDOWS);
  return {
    means: meanWindows(train, MEAN_WINDOWS),
    ordinary: loss({}),
    idioms: loss({ idiomShare: 1 }),
    newer: newerStream ? loss({ stream: newerStream }) : null,
    examples: exampleWindows(held),
  };
}

/** Windows [window · pos] of the source, rounded up to whole rounds. */
export function meanWindows(source: WindowSource, windows: number): Int32Array {
  const rounds = Array.from(
    { length: Math.ceil(windows / MEAN_ROUND) },
    (_, round) => makeBatch(source, 'means', round, 0, MEAN_ROUND).tokens,
  );
  return joined(rounds);
}

/** Windows [window · pos] of ordinary Python alone. */
export function exampleWindows(source: WindowSource): Int32Array {
  const count = Math.min(EXAMPLE_WINDOWS, Math.floor(MOST_TOKENS / source.context));
  return makeBatch({ ...source, idiomShare: 0 }, 'examples', 0, 0, count).tokens;
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
