/** Where a command writes, checked before it works for minutes. */
import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readCircuit } from '../circuits/circuitFile';

/**
 * Checks that a circuit can be written to a path and that nothing else is lost by it.
 * @param inputs files that the command reads
 * @throws one line that says what stands there and what to do
 */
export function checkOut(out: string, inputs: readonly string[]): void {
  const place = real(out);
  if (inputs.some((input) => real(input) === place)) {
    throw new Error(`--out ${out} is the file of pairs, which it would replace; give another name`);
  }
  const folder = dirname(resolve(out));
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`the folder of --out ${out} does not exist; make it first`);
  }
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new Error(`the folder of --out ${out} cannot be written to; choose another`, {
      cause: error,
    });
  }
  if (!existsSync(out)) return;
  if (statSync(out).isDirectory()) {
    throw new Error(`--out ${out} is a folder; give a file, or add --all`);
  }
  if (!isCircuit(out)) {
    throw new Error(
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

function real(path: string): string {
  return existsSync(path) ? realpathSync(path) : resolve(path);
}
