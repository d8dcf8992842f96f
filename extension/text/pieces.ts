/** What can be seen of a stretch of text. */

/** From one offset (UTF-16) to another. */
export interface Piece {
  readonly start: number;
  readonly end: number;
}

/** The parts of a stretch, line by line, without line breaks, indentation and blanks at line ends. */
export function seenPieces(text: string, { start, end }: Piece): Piece[] {
  const pieces: Piece[] = [];
  for (let from = start; from < end;) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? end : Math.min(newline, end);
    const before = text.slice(text.lastIndexOf('\n', from - 1) + 1, from);
    const piece = text.slice(from, to);
    const indented = before.trim() === '' ? piece.length - piece.trimStart().length : 0;
    const atLineEnd = to === newline || to === text.length;
    const seen = (atLineEnd ? piece.trimEnd() : piece).length;
    if (indented < seen) pieces.push({ start: from + indented, end: from + seen });
    from = to + 1;
  }
  return pieces;
}
