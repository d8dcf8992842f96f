/** Output files: checked before a command works for minutes, and a result is never lost. */
import { existsSync, realpathSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { isCircuitFile } from '../circuits/file/circuitFile';
import { unwritable, unwritableFile } from '../files';
import { UsageError } from './command';
import { OutputError, writeOut } from './output';

/** A kind of file that a command writes: what it is called, and how it is recognised. */
export interface OwnKind {
  readonly a: string;
  readonly is: (file: string) => boolean;
}

const CIRCUIT: OwnKind = { a: 'a circuit', is: isCircuitFile };

/** `checkOutFile` for a circuit. */
export function checkOutCircuit(out: string, inputs: readonly string[]): void {
  checkOutFile(out, CIRCUIT, inputs);
}

/**
 * Checks that a file can be written and that nothing else is lost by it.
 * @param kind what may be replaced
 * @param inputs files that are read, which must stay as they are
 * @throws UsageError in one line that says what stands there and what to do
 */
export function checkOutFile(
  out: string,
  kind: OwnKind,
  inputs: readonly (string | undefined)[] = [],
): void {
  const stat = statOf(out);
  if (stat && !stat.isFile()) {
    throw new UsageError(
      `--out ${out} is ${stat.isDirectory() ? 'a folder' : 'not a regular file'}; give the name of a file`,
    );
  }
  for (const input of inputs) {
    if (input === undefined || !stat || !existsSync(input)) continue;
    if (realpathSync(input) !== realpathSync(out)) continue;
    throw new UsageError(`--out ${out} is also an input; give another name`);
  }
  if (stat && !kind.is(out)) {
    throw new UsageError(
      `--out ${out} exists and is not ${kind.a}; give another name, so that it is not overwritten`,
    );
  }
  const problem = unwritableFile(stat ? realpathSync(out) : out);
  if (problem !== null)
    throw new UsageError(`--out ${out}: ${problem}; create the folder or give another name`);
}

/** Checks that a folder can be written into, or made. */
export function checkOutFolder(out: string): void {
  const stat = statOf(out);
  if (stat && !stat.isDirectory())
    throw new UsageError(`--out ${out} is not a folder; give a folder`);
  const problem = unwritable(out, true);
  if (problem !== null) throw new UsageError(`--out ${out}: ${problem}; give another`);
}

/**
 * Checks that a file or folder that is there can be changed, before what goes into it is measured.
 * @param what goes there, as in `the proof`
 */
export function checkKept(path: string, what: string): void {
  const real = realpathSync(path);
  const problem = unwritable(statOf(real)?.isDirectory() ? real : dirname(real), false);
  if (problem === null) return;
  throw new Error(`${what} cannot be saved in ${path}: ${problem}; copy it and use the copy`);
}

/** What stands at a path; undefined where nothing does, or a file stands above it. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** A result could not be written where it was wanted. Ends work on many files: the next would fail too. */
class UnkeptError extends Error {
  override readonly name = 'UnkeptError';
}

/**
 * Writes what took long to find. Where the file cannot be written after all, the text goes to standard
 * output.
 * @throws UnkeptError in one line that says so
 */
export function keepResult(out: string, text: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const { code = (error as Error).message } = error as NodeJS.ErrnoException;
    writeOut(text);
    throw new UnkeptError(
      `${out} cannot be written (${code}); the result is on standard output instead`,
      { cause: error },
    );
  }
}

/** Whether an error ends the work on all of many files, not on its own only. */
export function endsAll(error: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true || error instanceof UnkeptError || error instanceof OutputError;
}
