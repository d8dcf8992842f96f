/** Text files, and places in them as editors count: lines and columns from 1, in UTF-16 units. */
import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { withLineFeeds } from '../tokenizer/lineEnds';

const MAX_BYTES = 32 * 2 ** 20;

/**
 * Text of a file as the model reads it: without a byte order mark, every line ending with `\n`.
 * @throws one line when the file cannot be read, is too large, binary or not in UTF-8
 */
export function readText(file: string): string {
  const bytes = readBytes(file);
  if (bytes.includes(0)) throw new Error(`${file} is binary; give a Python file`);
  if (!isUtf8(bytes)) throw new Error(`${file} is not in UTF-8; save it as UTF-8`);
  return withLineFeeds(new TextDecoder().decode(bytes));
}

function readBytes(file: string): Buffer {
  try {
    const stat = statSync(file);
    if (stat.isDirectory()) throw new Error(`${file} is a folder; give a file`);
    if (stat.size > MAX_BYTES) {
      throw new Error(`${file} has ${stat.size} bytes, the limit is ${MAX_BYTES}; cut it`);
    }
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code === 'ENOENT')
      throw new Error(`${file} does not exist; check the path`, { cause: error });
    throw new Error(`${file} cannot be read (${code}); check the path and its permissions`, {
      cause: error,
    });
  }
}

/**
 * Offset of a place; the column after a line's last character is its line break.
 * @param file name for error messages
 * @throws when the text has no character there
 */
export function offsetAt(text: string, line: number, column: number, file: string): number {
  if (text.length === 0) throw new Error(`${file} is empty; there is nothing to trace`);
  const starts = lineStarts(text);
  // After a last line break there is a line without a character.
  const lines = starts[starts.length - 1] === text.length ? starts.length - 1 : starts.length;
  if (line > lines) throw new Error(`${file} has no line ${line}; its lines are 1 to ${lines}`);
  const length = (starts[line] ?? text.length) - starts[line - 1];
  if (column > length) {
    throw new Error(
      `${file}, line ${line} has no column ${column}; its columns are 1 to ${length}`,
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
