/** As much of a long text as a model reads, in whole lines. */
import type { Encoding } from '../../models/tokenizer/tokenizer';

/** Tokens fewer than the model reads: cut off from what was before, a text may take a few more. */
const SPARE = 8;

/**
 * The last whole lines of a text, up to the end of a token, that a model can read.
 * @param most tokens that it reads
 */
export function lastLines(
  text: string,
  { starts, ends }: Pick<Encoding, 'starts' | 'ends'>,
  token: number,
  most: number,
): string {
  const all = text.slice(0, ends[token]);
  if (token < most) return all;
  const start = starts[token + 1 - (most - SPARE)];
  const line = all.indexOf('\n', start - 1) + 1;
  return all.slice(line > 0 && line < all.length ? line : start);
}
