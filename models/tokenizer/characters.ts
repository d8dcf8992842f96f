/** Characters that several tokens make up together, each of them a part. */
import type { Encoding } from './tokenizer';

/** Which of how many parts of a character. */
export interface Part {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/** The tokens of a text that make up a character with one of them: from `first` to before `after`. */
export function tokensOfCharacter(
  { starts, ends }: Pick<Encoding, 'starts' | 'ends'>,
  token: number,
): { readonly first: number; readonly after: number } {
  // Tokens within a character are empty at its end, after the one that covers it.
  let first = token;
  while (first > 0 && starts[first] === ends[first]) first--;
  let after = first + 1;
  while (after < ends.length && starts[after] === ends[after]) after++;
  return { first, after };
}
