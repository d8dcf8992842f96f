// @ts-check
/**
 * Stands in for VS Code's native log writer, which npm brings as C++ source only: without it there
 * is no log of the extension host and every log output channel stays empty.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];

export class Logger {
  /**
   * @param {string} _type files are not rotated: they live as long as one session
   * @param {string} _name
   * @param {string} file
   */
  constructor(_type, _name, file) {
    this.file = file;
    this.level = 0;
    this.raw = false;
  }

  /**
   * @param {number} level
   * @param {string} message
   */
  write(level, message) {
    if (level < this.level) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    appendFileSync(this.file, this.raw ? message : `${time} [${LEVELS[level]}] ${message}\n`);
  }

  /** @param {string} message */
  trace(message) {
    this.write(0, message);
  }

  /** @param {string} message */
  debug(message) {
    this.write(1, message);
  }

  /** @param {string} message */
  info(message) {
    this.write(2, message);
  }

  /** @param {string} message */
  warn(message) {
    this.write(3, message);
  }

  /** @param {string} message */
  error(message) {
    this.write(4, message);
  }

  /** @param {string} message */
  critical(message) {
    this.write(5, message);
  }

  getLevel() {
    return this.level;
  }

  /** @param {number} level */
  setLevel(level) {
    this.level = level;
  }

  /** VS Code formats the lines of output channels itself. */
  clearFormatters() {
    this.raw = true;
  }

  setPattern() {}

  flush() {}

  drop() {}
}

/**
 * @param {string} name
 * @param {string} file
 */
export async function createAsyncRotatingLogger(name, file) {
  mkdirSync(dirname(file), { recursive: true });
  return new Logger('rotating_async', name, file);
}

/** The same: nothing here waits. @type {typeof createAsyncRotatingLogger} */
export const createRotatingLogger = (name, file) => createAsyncRotatingLogger(name, file);

/** The level of all loggers at once; VS Code sets each by itself. */
export function setLevel() {}

/** Nothing is held back. */
export function setFlushOn() {}
