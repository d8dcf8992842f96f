// @ts-check
/** The built command line, as other tools call it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ToolError } from './processes.mjs';

const ROOT = join(import.meta.dirname, '..');

/** A command that failed. */
export class CommandError extends ToolError {
  /**
   * @param {string[]} args
   * @param {string} said its last line
   * @param {number | null} code its exit code; null when a signal ended it or it did not start
   */
  constructor(args, said, code) {
    super(`circuitscope ${args.join(' ')} failed: ${said}`);
    this.said = said;
    this.code = code;
  }
}

/** Exit code of `prune` when the model has no circuit for the task. */
export const NO_CIRCUIT = 3;

/**
 * What a command prints as JSON; what it says meanwhile is passed on.
 * @param {...string} args
 * @returns {Promise<any>}
 * @throws {CommandError} when it fails
 */
export async function cliJson(...args) {
  const program = join(ROOT, 'dist', 'cli.js');
  const options = { cwd: ROOT, maxBuffer: 2 ** 28 };
  const started = promisify(execFile)(process.execPath, [program, ...args, '--json'], options);
  started.child.stderr?.pipe(process.stderr);
  try {
    return JSON.parse((await started).stdout);
  } catch (error) {
    const { stderr, code } = /** @type {{ stderr?: string, code?: unknown }} */ (error);
    const said = stderr?.trim().split('\n').at(-1) || String(error);
    throw new CommandError(args, said, typeof code === 'number' ? code : null);
  }
}
