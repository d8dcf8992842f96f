// @ts-check
/** Files of tools: JSON that is read, and text that is never half written. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { ToolError } from './processes.mjs';

/**
 * What a file of JSON holds.
 * @param {string} file
 * @returns {any}
 * @throws {ToolError} when it cannot be read
 */
export function parsed(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ToolError(`${file} cannot be read: ${error}`);
  }
}

/**
 * Writes a file aside and renames it.
 * @param {string} file
 * @param {string} text
 */
export function writeWhole(file, text) {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
