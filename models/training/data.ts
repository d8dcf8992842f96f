/** Windows of tokens for training and evaluation: a function of seed and step alone. */
import { Rng } from '../random';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { generateProgram } from './idioms';
import type { WideNames } from './idioms/wideNames';

/** Where windows come from. */
export interface WindowSource {
  /** Ordinary Python, documents separated by the end-of-text token. */
  readonly stream: Uint16Array;
  readonly tokenizer: Tokenizer;
  readonly seed: number;
  /** Probability that a window holds generated idioms instead of ordinary Python. */
  readonly idiomShare: number;
  readonly context: number;
  /** Names for half of the generated programs; without them all have those of the word lists. */
  readonly wide?: WideNames;
}

/** Share of the generated programs that have wide names. */
const WIDE_PROGRAMS = 0.5;

/** Seed of the held-out windows, whatever a run's own: every model is measured on the same. */
export const HELD_OUT_SEED = 1;

/** Inputs and next tokens, both int32 [batch, pos]. */
export interface Batch {
  readonly tokens: Int32Array;
  readonly targets: Int32Array;
}

/**
 * Windows `first` to `first + count` of a step; a label keeps training and evaluation streams apart.
 */
export function makeBatch(
  source: WindowSource,
  label: string,
  step: number,
  first: number,
  count: number,
): Batch {
  const { context } = source;
  const tokens = new Int32Array(count * context);
  const targets = new Int32Array(count * context);
  for (let row = 0; row < count; row++) {
    const rng = new Rng(source.seed, label, step, first + row);
    const window = rng.chance(source.idiomShare)
      ? idiomWindow(source, rng)
      : ordinaryWindow(source, rng);
    tokens.set(window.subarray(0, context), row * context);
    targets.set(window.subarray(1), row * context);
  }
  return { tokens, targets };
}

function ordinaryWindow({ stream, context }: WindowSource, rng: Rng): Uint16Array {
  if (stream.length <= context) {
    throw new Error(
      `the corpus has ${stream.length} tokens, fewer than one window of ${context + 1}; add more text`,
    );
  }
  const start = rng.int(stream.length - context);
  return stream.subarray(start, start + context + 1);
}

/** Programs one after the other, half the time entered in the middle of one. */
function idiomWindow({ tokenizer, context, wide }: WindowSource, rng: Rng): Uint16Array {
  const skip = rng.chance(0.5) ? rng.int(context) : 0;
  return idiomStream(tokenizer, rng, skip + context + 1, wide).subarray(skip);
}

/** `length` tokens of generated programs, each after an end-of-text token. */
export function idiomStream(
  tokenizer: Tokenizer,
  rng: Rng,
  length: number,
  wide?: WideNames,
): Uint16Array {
  const stream = new Uint16Array(length);
  for (let filled = 0; filled < length;) {
    stream[filled++] = tokenizer.endOfText;
    const names = wide && rng.chance(WIDE_PROGRAMS) ? wide : null;
    const program = tokenizer.encodeIds(generateProgram(rng, names)).subarray(0, length - filled);
    stream.set(program, filled);
    filled += program.length;
  }
  return stream;
}
