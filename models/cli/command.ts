/** What every command of the command line shares. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** One command: `circuitscope NAME …`. */
export interface Command {
  /** What it does, on one line. */
  readonly summary: string;
  /** Text of `--help`. */
  readonly help: string;
  /** Runs it; throws an error whose one line says what happened and what to do. */
  run(args: readonly string[]): Promise<void>;
}

/** A command line that cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Options and positional arguments of a command.
 * @param command name in error messages
 * @throws UsageError on an unknown option or one without its value
 */
export function parseOptions<const O extends Options>(
  command: string,
  args: readonly string[],
  options: O,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const [sentence] = (error as Error).message.split('. ');
    throw new UsageError(`${command}: ${sentence}; see circuitscope ${command} --help`, {
      cause: error,
    });
  }
}

/** A whole number from an option's text, at least `min`. */
export function wholeNumber(option: string, text: string | undefined, min: number): number {
  if (text === undefined) throw new UsageError(`${option} is missing; add ${option} NUMBER`);
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min) {
    throw new UsageError(`${option} ${text} is not a whole number from ${min} on`);
  }
  return value;
}

/** Writes to standard output. */
export function print(text: string): void {
  process.stdout.write(text + '\n');
}

/** Writes a value as JSON to standard output. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Shows how far a long command is, where somebody watches. */
export function showProgress(what: string, done: number, total: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r${what} ${done}/${total}${done >= total ? '\r\x1b[K' : ''}`);
}
