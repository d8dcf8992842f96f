// @ts-check
/** Files that are measured, and those that keep what was measured. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsed, writeWhole } from '../files.mjs';

/**
 * What all measurements share.
 * @typedef {object} Work
 * @property {{ bundles: string, data: string, unique: string }} folders shipped bundles, what is measured
 *   of them, and searches with many seeds in a folder for each bundle
 * @property {(...args: string[]) => Promise<any>} cli what a command prints as JSON; a ToolError where it fails
 * @property {(line: string) => void} tell
 * @property {(line: string) => void} fail one thing cannot be measured; the others go on
 */

/** @typedef {{ name: string, hash: string }} BundleId */
/** @typedef {{ seed: number, stopped: boolean }} Proof */
/**
 * @typedef {object} ShippedCircuit
 * @property {string} file
 * @property {{ format: number, search?: object | null, proof?: Proof | null, repeats?: Proof[] }} circuit
 */

/** Format of the circuits that a proof is made of. */
const CIRCUIT_FORMAT = 3;

/**
 * The JSON files of a folder; none where there is no folder. A file that is written aside, as a search
 * under way does, has another ending.
 * @param {string} folder
 */
export const jsonFiles = (folder) =>
  (existsSync(folder) ? readdirSync(folder).sort() : [])
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name));

/**
 * Circuits shipped with a bundle, by task: those to measure, and the tasks of older ones, which prove
 * nothing. What others published was not searched here, and is not compared.
 * @param {Work['folders']} folders
 * @param {BundleId} bundle
 */
export function circuitsOf({ bundles }, { name, hash }) {
  /** @type {Map<string, ShippedCircuit>} */
  const current = new Map();
  /** @type {string[]} */
  const old = [];
  for (const file of jsonFiles(join(bundles, name, 'circuits'))) {
    const circuit = parsed(file);
    const { task } = circuit.pairs;
    if (circuit.bundle.hash !== hash || task === undefined) continue;
    if (circuit.format < CIRCUIT_FORMAT) old.push(task);
    else if (circuit.search !== null) current.set(task, { file, circuit });
  }
  return { current, old };
}

/** @param {string} file */
export const sha256 = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/**
 * What was measured of a bundle before; nothing when the bundle has changed since.
 * @param {string} file
 * @param {BundleId} bundle
 */
export function measuredBefore(file, bundle) {
  const data = existsSync(file) ? parsed(file) : null;
  return data?.bundle.hash === bundle.hash ? data : null;
}

/**
 * Writes a file of measurements aside and renames it.
 * @param {string} file
 * @param {object} data
 */
export function keepData(file, data) {
  writeWhole(file, JSON.stringify(data, null, 1) + '\n');
}
