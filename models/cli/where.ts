/** Which text, and where in it, a command is asked about. */
import type { Position } from '../inference/textTokens';
import { UsageError, wholeNumber } from './command';
import { cellsOf, isNotebook } from './notebook';
import { offsetAt, readText } from './text';

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
    if (line === undefined && column === undefined) {
      throw new UsageError('say which token: add --line L --column C, or --token N');
    }
    const [row, at] = [wholeNumber('--line', line, 1), wholeNumber('--column', column, 1)];
    return (text, name) => ({ offset: offsetAt(text, row, at, name) });
  }
  if (line !== undefined || column !== undefined) {
    throw new UsageError('give --token, or --line and --column, not both');
  }
  const number = token === '-1' ? -1 : wholeNumber('--token', token, 0);
  return () => ({ token: number });
}

/**
 * Text of a file, or of a notebook's cell, and what errors call it.
 * @param option with which the cell is given
 */
export function textIn(
  file: string,
  cell: string | undefined,
  option: '--cell' | '--to-cell' = '--cell',
): { text: string; name: string } {
  if (!isNotebook(file)) {
    if (cell !== undefined)
      throw new UsageError(`${option} is for notebooks, and ${file} is not one; leave it out`);
    return { text: readText(file), name: file };
  }
  const cells = cellsOf(file);
  if (cells.length === 0) throw new Error(`${file} has no Python cells; give another notebook`);
  if (cell === undefined && cells.length > 1) {
    throw new UsageError(`${file} has ${cells.length} Python cells; choose one with ${option}`);
  }
  const number = wholeNumber(option, cell ?? '1', 1, cells.length);
  return { text: cells[number - 1], name: `${file}, cell ${number}` };
}
