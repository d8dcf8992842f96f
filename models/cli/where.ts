/** Which text, and where in it, a command is asked about. */
import type { Position } from '../runtime/textTokens';
import { UsageError, wholeNumber } from './command';
import { cellsOf, isNotebook } from './notebook';
import { offsetAt, readText } from './text';

/** `--token -1` as the parser of options takes it. */
export function withNegative(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    if (joined.at(-1) === '--token' && /^-\d+$/.test(arg)) joined[joined.length - 1] += `=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

/**
 * The place that options ask about, to be found in a text.
 * @throws UsageError when they ask for none or two
 */
export function placeIn({
  line,
  column,
  token,
}: Partial<Record<'line' | 'column' | 'token', string>>): (text: string, name: string) => Position {
  if (token === undefined) {
    const [row, at] = [wholeNumber('--line', line, 1), wholeNumber('--column', column, 1)];
    return (text, name) => ({ offset: offsetAt(text, row, at, name) });
  }
  if (line !== undefined || column !== undefined) {
    throw new UsageError('trace: give --token, or --line and --column, not both');
  }
  const number = token === '-1' ? -1 : wholeNumber('--token', token, 0);
  return () => ({ token: number });
}

/** Text of a file, or of a notebook's cell, and what errors call it. */
export function textIn(file: string, cell: string | undefined): { text: string; name: string } {
  if (!isNotebook(file)) {
    if (cell !== undefined) throw new UsageError(`--cell is for notebooks, and ${file} is none`);
    return { text: readText(file), name: file };
  }
  const cells = cellsOf(file);
  if (cell === undefined) {
    throw new UsageError(`${file} has ${cells.length} Python cells; choose one with --cell`);
  }
  const number = wholeNumber('--cell', cell, 1, cells.length);
  return { text: cells[number - 1], name: `${file}, cell ${number}` };
}
