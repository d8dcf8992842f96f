/** Where a text is far from what the model knows. */
import type { Scan } from '../trace/traces';

/** Tokens over which surprisal is averaged. */
const SPAN = 64;
/** Nats a token above the card's figure. Between ordinary files the mean differs by about 1. */
const MARGIN = 2;

/** Tokens of a text that is unlike the training data, and how surprising they are together. */
export interface UnfamiliarPart {
  /** First token, and the one after the last. */
  readonly start: number;
  readonly end: number;
  /** Mean surprisal (nats a token). */
  readonly nats: number;
}

/**
 * The parts where the mean surprisal of 64 tokens is well above a model's held-out loss.
 * @param expected held-out loss (nats a token)
 */
export function unfamiliarParts({ start, values }: Scan, expected: number): UnfamiliarPart[] {
  const sums = new Float64Array(values.length + 1);
  values.forEach((value, i) => (sums[i + 1] = sums[i] + value));
  const mean = (from: number, to: number) => (sums[to] - sums[from]) / (to - from);
  const parts: { from: number; to: number }[] = [];
  for (let from = 0; from + SPAN <= values.length; from++) {
    const to = from + SPAN;
    if (mean(from, to) < expected + MARGIN) continue;
    const last = parts.at(-1);
    if (last && from <= last.to) last.to = to;
    else parts.push({ from, to });
  }
  return parts.map(({ from, to }) => ({
    ...{ start: start + from, end: start + to, nats: mean(from, to) },
  }));
}
