/**
 * How a text of any length is cut into windows of the model's context. A text is its tokens with
 * the end-of-text token before them, which is at position -1; training saw documents that way.
 */

/** Tokens `start` to `end` of a text, of which the window answers for those from `ownStart` on. */
export interface Window {
  /** First token; -1 is the end-of-text before the text. */
  readonly start: number;
  /** Token after the last one. */
  readonly end: number;
  /** The window owns the tokens `ownStart` to `end`: their predictions and activations are its. */
  readonly ownStart: number;
}

/**
 * The window that owns a token: of all those that hold it, the one with the most tokens before it.
 * @param position token index, -1 for the end-of-text before the text
 * @throws when the position is not in the text or the context is less than 2
 */
export function windowOf(position: number, tokenCount: number, context: number): Window {
  const half = Math.floor(context / 2);
  if (half < 1) throw new Error(`a context of ${context} cannot be halved; it must be 2 or more`);
  if (!Number.isInteger(position) || position < -1 || position >= tokenCount) {
    throw new Error(`token ${position} is not in the text, which has ${tokenCount} tokens`);
  }
  // Counted from the end-of-text, windows start at the multiples of half a context.
  const start = Math.max(0, Math.floor((position + 1) / half) - 1) * half - 1;
  return {
    start,
    end: Math.min(start + 2 * half, tokenCount),
    ownStart: start < 0 ? -1 : start + half,
  };
}

/**
 * The windows that own the tokens of a range, in order; by default of the whole text with the
 * end-of-text before it. Their own tokens follow one another without gap or overlap.
 */
export function windowsOf(
  tokenCount: number,
  context: number,
  range: { readonly start: number; readonly end: number } = { start: -1, end: tokenCount },
): Window[] {
  const windows: Window[] = [];
  for (let position = range.start; position < range.end;) {
    const window = windowOf(position, tokenCount, context);
    windows.push(window);
    position = window.end;
  }
  return windows;
}
