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
 * @param isCut whether the other text is known to end at that token; else it may also be a whole text
 * @throws TextsError that says what differs
 */
export function checkAligned(
  given: Uint16Array,
  other: Uint16Array,
  position: number,
  isCut: boolean,
): void {
  const upTo = (ids: Uint16Array) => ids.subarray(0, position + 1);
  const isWhole = !isCut && other.length === given.length;
  if (other.length !== position + 1 && !isWhole) {
    const own = upTo(given);
    const { first, here, there } = [own, ...(isCut ? [] : [given])]
      .map((ids) => differenceOf(ids, other))
      .reduce((a, b) => (b.here + b.there < a.here + a.there ? b : a));
    throw new TextsError(
      `the texts differ from token ${first} on, in ${here} tokens of one and ${there} of the other; give texts that differ in equally many tokens`,
    );
  }
  if (upTo(given).every((id, i) => id === upTo(other)[i])) {
    throw new TextsError(
      'the texts have the same tokens up to the place; choose a place after the difference',
    );
  }
}

/**
 * Checks that two texts differ in what the models read of them.
 * @param given ids of the given text's window up to the place [pos], and of the other one's
 * @throws TextsError when they do not
 */
export function checkWindows(given: Int32Array, other: Int32Array): void {
  if (given.some((id, row) => id !== other[row])) return;
  throw new TextsError(
    `the texts differ only before the last ${given.length} tokens up to the place, and the model reads no others; choose a place nearer to the difference`,
  );
}

/** The first token in which two texts differ, and how many of each it takes until they agree to their ends. */
function differenceOf(given: Uint16Array, other: Uint16Array) {
  const shorter = Math.min(given.length, other.length);
  let first = 0;
  while (first < shorter && given[first] === other[first]) first++;
  let last = 0;
  while (last < shorter - first && given.at(-1 - last) === other.at(-1 - last)) last++;
  return { first, here: given.length - first - last, there: other.length - first - last };
}

/** No node of a concept can steer between two texts. */
export const noneOfConcept = (concept: string) =>
  new Error(
    `no node for ${JSON.stringify(concept)} that can steer differs between the texts; choose another concept`,
  );

/** Token ids of a trace's window, the end-of-text included [pos]. */
export function windowIds({ window, tokens }: Trace, endOfText: number): Int32Array {
  return Int32Array.from(window.start < 0 ? [endOfText, ...tokens.ids] : tokens.ids);
}
