/**
 * The one way in for what people give: bounded, from regular files only, as text or JSON. Every error
 * is one line that says what is wrong and what to do.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { decodeUnicode } from './encodings';
import { systemReason } from './oneLine';

/** Larger files are refused, unless more is asked for. */
const MOST_BYTES = 32 * 2 ** 20;

/** Bytes that one read may take, below what 32 bits count. */
const MOST_AT_ONCE = 2 ** 30;

/**
 * Bytes of a regular file.
 * @param most bytes that it may have
 * @throws one line when it is missing, a folder, a device, a pipe or too large
 */
export function readInput(file: string, most = MOST_BYTES): Buffer {
  try {
    // A pipe that nobody writes to would be waited for.
    const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      return readAll(descriptor, file, most);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code === 'ENOENT') throw missing(file, error);
    throw new Error(`${file}: ${systemReason(error)}; check the path and its permissions`, {
      cause: error,
    });
  }
}

/** The error of a path at which nothing is. */
export function missing(path: string, cause?: unknown): Error {
  return new Error(`${path} does not exist; check the path`, { cause });
}

function readAll(descriptor: number, file: string, most: number): Buffer {
  const stat = fstatSync(descriptor);
  if (stat.isDirectory()) throw new Error(`${file} is a folder; give a file`);
  if (!stat.isFile()) throw new Error(`${file} is a device or a pipe; give a regular file`);
  if (stat.size > most) {
    throw new Error(`${file} has ${stat.size} bytes, the limit is ${most}; cut it`);
  }
  const bytes = Buffer.alloc(stat.size);
  let length = 0;
  while (length < bytes.length) {
    const wanted = Math.min(MOST_AT_ONCE, bytes.length - length);
    const read = readSync(descriptor, bytes, length, wanted, null);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}

/**
 * The value in a JSON file; a byte order mark is no part of it.
 * @param remedy what to do where it is not JSON
 */
export function readJson(file: string, remedy = 'correct it'): unknown {
  return parseJson(decodeUnicode(readInput(file), file), file, remedy);
}

/** The value in JSON text; `where` is what an error calls it. */
export function parseJson(text: string, where: string, remedy = 'correct it'): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${where} is not JSON; ${remedy}`, { cause: error });
  }
}
