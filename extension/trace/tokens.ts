/** Finding tokens, and following one through an edit. */
import type { TokenRange } from '../../models/inference/textTokens';
import { windowsOf } from '../../models/inference/windows';
import type { Encoding } from '../../models/tokenizer/tokenizer';

/** The token that covers an offset; the last one at the end, undefined in an empty text. */
export function tokenAt({ ends }: Encoding, offset: number): number | undefined {
  if (ends.length === 0) return undefined;
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** At most so many tokens of a range: those around one of them, else the first. */
export function around({ start, end }: TokenRange, token: number, most: number): TokenRange {
  if (end - start <= most) return { start, end };
  const inside = token >= start && token < end;
  const from = inside ? Math.min(Math.max(start, token - Math.floor(most / 2)), end - most) : start;
  return { start: from, end: from + most };
}

/**
 * The tokens of all windows that answer for a range. Scans of whole windows are remembered and
 * found again while a person scrolls; those of parts would not be.
 */
export function wholeWindows(range: TokenRange, count: number, context: number): TokenRange {
  const windows = windowsOf(count, context, range);
  if (windows.length === 0) return range;
  return { start: windows[0].ownStart, end: windows[windows.length - 1].end };
}

/**
 * Where a token is after an edit: tokens before the edit stay, those behind it move along.
 * @returns undefined when the edit replaced the token itself
 */
export function followToken(
  token: number,
  before: ArrayLike<number>,
  after: ArrayLike<number>,
): number | undefined {
  const shorter = Math.min(before.length, after.length);
  let prefix = 0;
  while (prefix < shorter && before[prefix] === after[prefix]) prefix++;
  if (token < prefix) return token;
  const moved = after.length - before.length;
  let suffix = 0;
  while (
    suffix < shorter - prefix &&
    before[before.length - 1 - suffix] === after[after.length - 1 - suffix]
  ) {
    suffix++;
  }
  return token >= before.length - suffix ? token + moved : undefined;
}
