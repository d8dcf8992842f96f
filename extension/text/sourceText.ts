/**
 * A document as the model reads it. Training never saw `\r`, so lines end with `\n` here whatever
 * the document has, and places are converted by line and column.
 */
import { withLineFeeds } from '../../models/tokenizer/lineEnds';

/** A place in an editor: line and column from 0, the column in UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly character: number;
}

export class SourceText {
  readonly text: string;
  /** Offset of each line's first character, [line]. */
  private readonly lineStarts: readonly number[];

  constructor(documentText: string) {
    this.text = withLineFeeds(documentText);
    const starts = [0];
    for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) {
      starts.push(at + 1);
    }
    this.lineStarts = starts;
  }

  /** Offset of a place; places after the end of a line or of the text count as that end. */
  offsetAt({ line, character }: Place): number {
    if (line >= this.lineStarts.length) return this.text.length;
    const start = this.lineStarts[line];
    const next = this.lineStarts[line + 1];
    const end = next === undefined ? this.text.length : next - 1;
    return Math.min(start + character, end);
  }

  /** Place of an offset of the text. */
  placeAt(offset: number): Place {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.lineStarts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: offset - this.lineStarts[low] };
  }
}
