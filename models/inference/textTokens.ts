/** A text's tokens with the end-of-text before them, by position and by window. */
import type { Encoding } from '../tokenizer/tokenizer';
import { windowOf, windowsOf, type Window } from './windows';

/** Some tokens of a text: first, and the one after the last; -1 is the end-of-text before it. */
export interface TokenRange {
  readonly start: number;
  readonly end: number;
}

/** A place in a text: a token's index (-1: before the first), or an offset in UTF-16 code units. */
export type Position = { readonly token: number } | { readonly offset: number };

export class TextTokens {
  constructor(
    readonly encoding: Encoding,
    private readonly endOfText: number,
    private readonly context: number,
  ) {}

  /** Number of tokens, the end-of-text before them not counted. */
  get count(): number {
    return this.encoding.ids.length;
  }

  /** Token id at an index; the end-of-text's at -1. */
  id(position: number): number {
    return position < 0 ? this.endOfText : this.encoding.ids[position];
  }

  /** Ids of a range, [pos]. */
  ids({ start, end }: TokenRange): Int32Array {
    return Int32Array.from({ length: end - start }, (_, i) => this.id(start + i));
  }

  /** Ids and ranges of the text's own tokens in a range, as new arrays. */
  slice({ start, end }: TokenRange): Encoding {
    const { ids, starts, ends } = this.encoding;
    const from = Math.max(0, start);
    return {
      ids: ids.slice(from, end),
      starts: starts.slice(from, end),
      ends: ends.slice(from, end),
    };
  }

  window(position: number): Window {
    return windowOf(position, this.count, this.context);
  }

  windows(range?: TokenRange): Window[] {
    return windowsOf(this.count, this.context, range);
  }

  /** Index of the token at a place; throws when the text has no such place. */
  locate(position: Position): number {
    if ('token' in position) {
      const { token } = position;
      this.window(token);
      return token;
    }
    return this.tokenAt(position.offset);
  }

  /** The token that covers an offset; at the end of the text its last token, -1 where it is empty. */
  private tokenAt(offset: number): number {
    const { ends } = this.encoding;
    const length = this.count === 0 ? 0 : ends[this.count - 1];
    if (offset === length) return this.count - 1;
    if (!(offset >= 0 && offset < length)) {
      throw new Error(`offset ${offset} is not in the text; it has ${length} characters`);
    }
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle] > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
