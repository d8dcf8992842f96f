/** Which token of one text is which of another: the same beginning and end, and an edit between them. */

/** For each place of the first list its place in the second; -1 where it has none. */
export type Alignment = Int32Array;

/**
 * Aligns the tokens up to two predictions, whose last tokens always belong together. Lists of equal
 * length are aligned one by one; of unequal length, what stands in the edit has no counterpart.
 * @throws when lists of unequal length have neither beginning nor end in common
 */
export function align(first: Int32Array, second: Int32Array): Alignment {
  if (first.length === second.length) return Int32Array.from(first.keys());
  const shorter = Math.min(first.length, second.length);
  let start = 0;
  while (start < shorter && first[start] === second[start]) start++;
  let end = 0;
  while (end < shorter - start && first.at(-1 - end) === second.at(-1 - end)) end++;
  if (start + end === 0) {
    throw new Error(
      `the two texts have ${first.length} and ${second.length} tokens up to their predictions, and neither a beginning nor an end in common, so that no token of one is one of the other; write a text that differs less`,
    );
  }
  // The predictions belong together, whatever their last tokens are.
  end = Math.max(end, start < shorter ? 1 : 0);
  const shift = second.length - first.length;
  return Int32Array.from(first.keys(), (at) =>
    at < start ? at : at >= first.length - end ? at + shift : -1,
  );
}
