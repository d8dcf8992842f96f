/** Where a command writes, checked before it works for minutes. */
import { accessSync, constants, existsSync, realpathSync, statSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readCircuit } from '../circuits/circuitFile';
import { UsageError } from './command';
import { writeOut } from './output';

/**
 * Checks that a circuit can be written to a path and that nothing else is lost by it.
 * @param inputs files that the command reads
 * @throws UsageError in one line that says what stands there and what to do
 */
export function checkOutCircuit(out: string, inputs: readonly string[]): void {
  checkOutFile(out, inputs);
  if (existsSync(out) && !isCircuit(out)) {
    throw new UsageError(
      `--out ${out} is there and is no circuit, which would be lost; give another name`,
    );
  }
}

function isCircuit(file: string): boolean {
  try {
    readCircuit(file);
    return true;
  } catch {
    return false;
  }
}

/**
 * Checks that a file can be written.
 * @param inputs files that are read, which must stay as they are
 * @throws UsageError in one line
 */
export function checkOutFile(out: string, inputs: readonly (string | undefined)[] = []): void {
  const stat = statOf(out);
  if (stat && !stat.isFile()) {
    throw new UsageError(
      `--out ${out} is ${stat.isDirectory() ? 'a folder' : 'no file'}; give the name of a file`,
    );
  }
  for (const input of inputs) {
    if (input === undefined || !stat || !existsSync(input)) continue;
    if (realpathSync(input) !== realpathSync(out)) continue;
    throw new UsageError(`--out ${out} is a file that is read; give another name`);
  }
  checkFolder(dirname(resolve(out)), out);
}

/** Checks that a folder can be written into, or made. */
export function checkOutFolder(out: string): void {
  const stat = statOf(out);
  if (stat && !stat.isDirectory()) throw new UsageError(`--out ${out} is no folder; give one`);
  let above = resolve(out);
  while (!existsSync(above)) above = dirname(above);
  checkFolder(above, out);
}

/** What stands at a path; undefined where nothing does, or a file stands above it. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function checkFolder(dir: string, out: string): void {
  if (!statOf(dir)?.isDirectory()) {
    throw new UsageError(`--out ${out}: there is no folder ${dir}; make it or give another`);
  }
  try {
    accessSync(dir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UsageError(`--out ${out}: ${dir} cannot be written to; give another`, {
      cause: error,
    });
  }
}

/**
 * Writes what took long to find. Where the file cannot be written after all, the text goes to standard
 * output.
 * @throws one line that says so
 */
export function keepResult(out: string, text: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const { code = (error as Error).message } = error as NodeJS.ErrnoException;
    writeOut(text);
    throw new Error(
      `${out} cannot be written (${code}); the result is on standard output instead`,
      {
        cause: error,
      },
    );
  }
}
