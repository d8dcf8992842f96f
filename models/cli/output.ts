/** Standard output and error: every byte is written or its loss is an error, and nothing steers a terminal. */
import { writeSync } from 'node:fs';

const WAIT = new Int32Array(new SharedArrayBuffer(4));
/** Milliseconds until a full pipe is tried again. */
const RETRY = 5;

/** Controls other than tab and line feed: those of a terminal among them. */
const CONTROLS = /(?![\t\n])\p{Cc}/gu;

/** Text in which controls are escapes, for a person. */
export function withoutControls(text: string): string {
  return text.replace(CONTROLS, (char) => `\\x${hex(char, 2)}`);
}

/** The same of JSON, in which they mean what they meant. */
export function jsonWithoutControls(json: string): string {
  return json.replace(CONTROLS, (char) => `\\u${hex(char, 4)}`);
}

function hex(char: string, digits: number): string {
  return char.charCodeAt(0).toString(16).padStart(digits, '0');
}

/**
 * Writes all of a text to standard output before it returns.
 * @throws the system's error: EPIPE when nobody reads any more, ENOSPC when the disk is full, …
 */
export function writeOut(text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw new OutputError(error);
      Atomics.wait(WAIT, 0, 0, RETRY);
    }
  }
}

/** Says something beside the output, controls as escapes. */
export function say(text: string): void {
  process.stderr.write(`${withoutControls(text)}\n`);
}

/** Whether somebody watches standard error in a terminal. */
export const isWatched = (): boolean => process.stderr.isTTY;

/** Milliseconds between two lines on how far a command is where nobody watches: a tenth of its time, within these. */
const LINES_APART = { least: 10_000, most: 60_000 };
/** When a command first told how far it is, and last on a line of its own; null before. */
let told: { readonly first: number; readonly last: number } | null = null;

/**
 * Shows how far a long command is in the last line of a terminal, where an empty text clears it. Where
 * standard error is a file or a pipe, lines of their own say so now and then.
 * @param plain what stands on such a line, if not the same
 */
export function showLine(text: string, plain = text): void {
  if (isWatched()) process.stderr.write(`\r\x1b[K${withoutControls(text)}`);
  else if (plain !== '') sayNowAndThen(plain);
}

function sayNowAndThen(text: string): void {
  const now = performance.now();
  told ??= { first: now, last: now };
  const { least, most } = LINES_APART;
  if (now - told.last < Math.min(most, Math.max(least, (now - told.first) / 10))) return;
  told = { ...told, last: now };
  say(text);
}

/** Standard output could not be written to. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  /** Of the system, e.g. ENOSPC. */
  readonly code: string;

  constructor(cause: unknown) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    super(`the output could not be written in full (${code}); free some space and run it again`, {
      cause,
    });
    this.code = code;
  }
}
