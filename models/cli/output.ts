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

/** Shows how far a long command is in the last line of a terminal; an empty text clears it. */
export function showLine(text: string): void {
  if (isWatched()) process.stderr.write(`\r\x1b[K${withoutControls(text)}`);
}

/** Standard output could not be written to. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  /** Of the system, e.g. ENOSPC. */
  readonly code: string;

  constructor(cause: unknown) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    super(`the output could not be written to its end (${code}); make room and run it again`, {
      cause,
    });
    this.code = code;
  }
}
