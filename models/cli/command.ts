/** What every command of the command line shares. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { jsonWithoutControls, showLine, withoutControls, writeOut } from './output';

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
 * @throws UsageError on an unknown option, one without its value, or one given twice that takes one value
 */
export function parseOptions<const O extends Options>(
  command: string,
  args: readonly string[],
  options: O,
) {
  const parsed = parse(command, args, options);
  const given = Object.entries(parsed.values as Record<string, unknown>).flatMap(([name, value]) =>
    [value].flat().map((one) => [`--${name}`, one] as const),
  );
  const empty = [...given, ...parsed.positionals.map((one) => ['an argument', one] as const)].find(
    ([, value]) => typeof value === 'string' && value.trim() === '',
  );
  if (!empty) return parsed;
  throw new UsageError(`${command}: ${empty[0]} is empty; give a value or leave it out`);
}

/**
 * Refuses options that would do nothing beside another one.
 * @param names with their dashes
 * @param why what takes their place, after the command's name in the message
 * @throws UsageError that names the first of them
 */
export function refuseOptions(
  command: string,
  args: readonly string[],
  names: readonly string[],
  why: string,
): void {
  const end = args.indexOf('--');
  const options = (end < 0 ? args : args.slice(0, end)).map((arg) => arg.split('=')[0]);
  const given = names.find((name) => options.includes(name));
  if (given !== undefined) throw new UsageError(`${command}: ${why}; leave out ${given}`);
}

function parse<const O extends Options>(command: string, args: readonly string[], options: O) {
  try {
    const strict = { allowPositionals: true, strict: true, tokens: true } as const;
    const parsed = parseArgs({ args: withNegatives(args, options), options, ...strict });
    const given = parsed.tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
    const twice = given.find((name, i) => given.indexOf(name) < i && takesOneValue(options[name]));
    if (twice === undefined) return parsed;
    throw new Error(`--${twice} is given twice`);
  } catch (error) {
    const [sentence] = (error as Error).message.split('. ');
    throw new UsageError(`${command}: ${sentence}; see circuitscope ${command} --help`, {
      cause: error,
    });
  }
}

/** The last of several values would silently win. */
function takesOneValue(option: Options[string] | undefined): boolean {
  return option?.type === 'string' && option.multiple !== true;
}

/** Joins `--token -1` to `--token=-1`: the parser takes an argument that begins with a minus for an option. */
function withNegatives(args: readonly string[], options: Options): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const option = joined.at(-1)?.replace(/^--/, '') ?? '';
    const takesText = joined.at(-1)?.startsWith('--') && options[option]?.type === 'string';
    if (takesText && /^-\d/.test(arg)) joined[joined.length - 1] += `=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

/** A whole number from an option's text, from `min` to `max`. */
export function wholeNumber(
  option: string,
  text: string | undefined,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (text === undefined) throw new UsageError(`${option} is missing; add ${option} NUMBER`);
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min) {
    throw new UsageError(`${option} ${text}: expected a whole number, ${min} or more`);
  }
  if (value > max) throw new UsageError(`${option} ${text} is too large; it is at most ${max}`);
  return value;
}

/** A number above 0 from an option's text, up to `max`. */
export function positiveNumber(option: string, text: string, max = Number.MAX_VALUE): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new UsageError(`${option} ${text}: expected a number above 0`);
  }
  if (value > max) throw new UsageError(`${option} ${text} is too large; it is at most ${max}`);
  return value;
}

/** Writes to standard output, controls as escapes; throws when not all of it could be written. */
export function print(text: string): void {
  writeOut(withoutControls(text) + '\n');
}

/** Writes a value as JSON to standard output. */
export function printJson(value: unknown): void {
  const json = JSON.stringify(
    value,
    (key, one: unknown) => {
      // JSON would say null.
      if (typeof one !== 'number' || Number.isFinite(one)) return one;
      throw new Error(`${key} is ${one}, which cannot be right; please report this bug`);
    },
    2,
  );
  writeOut(jsonWithoutControls(json) + '\n');
}

/** Shows how far a long command is. */
export function showProgress(what: string, done: number, total: number): void {
  showLine(done >= total ? '' : `${what} ${done}/${total}`);
}
