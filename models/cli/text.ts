/** Text files, and places in them as editors count: lines and columns from 1, in UTF-16 units. */
import { decodePython } from '../encodings';
import { readInput } from '../input';
import { withLineFeeds } from '../tokenizer/lineEnds';

/**
 * Text of a Python file as the model reads it: decoded as Python decodes it, every line ending with
 * `\n`.
 * @throws one line when the file cannot be read, is too large or no text that Python reads
 */
export function readText(file: string): string {
  return withLineFeeds(decodePython(readInput(file), file));
}

/**
 * Offset of a place; the column after a line's last character is its line break, and that after the
 * last character of all the end of the text.
 * @param file name for error messages
 * @throws when the text has no such place
 */
export function offsetAt(text: string, line: number, column: number, file: string): number {
  if (text === '') throw new Error(`${file} is empty; the only token to ask about is --token -1`);
  const starts = lineStarts(text);
  if (line > starts.length) {
    throw new Error(`${file} has no line ${line}; its lines are 1 to ${starts.length}`);
  }
  const last = line === starts.length;
  const columns = (starts[line] ?? text.length) - starts[line - 1] + (last ? 1 : 0);
  if (column > columns) {
    throw new Error(
      `${file}, line ${line} has no column ${column}; its columns are 1 to ${columns}`,
    );
  }
  return starts[line - 1] + column - 1;
}

/** Line and column of an offset, both from 1. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const starts = lineStarts(text);
  let line = starts.length;
  while (starts[line - 1] > offset) line--;
  return { line, column: offset - starts[line - 1] + 1 };
}

/** Offset of each line's first character. */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\n/g)) starts.push(match.index + 1);
  return starts;
}
