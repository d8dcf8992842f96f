/** Lines of a text and what begins them. */
import type { Leaf } from './leaves';

/** One line. */
export interface Line {
  /** UTF-16 units, without the line end: [start, end). */
  readonly start: number;
  readonly end: number;
  /** Text of the first leaf that begins in it; empty in a blank line. */
  readonly first: string;
  /** Blanks before it, a tab counted as four. */
  readonly indent: number;
}

/** The lines of a text, of which there is at least one. */
export function linesOf(text: string, leaves: readonly Leaf[]): Line[] {
  const lines: Line[] = [];
  let at = 0;
  for (let start = 0; start <= text.length;) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    while (at < leaves.length && leaves[at].start < start) at++;
    const first = at < leaves.length && leaves[at].start < end ? leaves[at].text : '';
    const blanks = /^[ \t]*/.exec(text.slice(start, end))![0];
    lines.push({ start, end, first, indent: blanks.replaceAll('\t', '    ').length });
    start = end + 1;
  }
  return lines;
}
