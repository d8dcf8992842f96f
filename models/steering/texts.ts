/** Alignment of the given text and the other text, token by token. */
import type { Trace } from '../inference/trace';

/** Two texts that cannot be aligned; its message says why in one line. */
export class TextsError extends Error {
  override readonly name = 'TextsError';
}

/**
 * Checks that two texts can be aligned, token by token, up to a token.
 * @param given ids of the given text [token], and of the other one
 * @param position the token after which a prediction is made
 * @throws TextsError that says what differs
 */
export function checkAligned(given: Uint16Array, other: Uint16Array, position: number): void {
  if (other.length !== given.length && other.length !== position + 1) {
    const shorter = Math.min(given.length, other.length);
    let first = 0;
    while (first < shorter && given[first] === other[first]) first++;
    let last = 0;
    while (last < shorter - first && given.at(-1 - last) === other.at(-1 - last)) last++;
    const [here, there] = [given, other].map((ids) => ids.length - first - last);
    throw new TextsError(
      `the texts differ from token ${first} on, in ${here} tokens of one and ${there} of the other; give texts that differ in equally many tokens`,
    );
  }
  const upTo = (ids: Uint16Array) => ids.subarray(0, position + 1);
  if (upTo(given).every((id, i) => id === upTo(other)[i])) {
    throw new TextsError(
      'the texts have the same tokens up to the place; choose a place after the difference',
    );
  }
}

/** Token ids of a trace's window, the end-of-text included [pos]. */
export function windowIds({ window, tokens }: Trace, endOfText: number): Int32Array {
  return Int32Array.from(window.start < 0 ? [endOfText, ...tokens.ids] : tokens.ids);
}
