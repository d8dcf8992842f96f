// @ts-check
/** What the proofs of shipped circuits come to. */
import { ToolError } from '../processes.mjs';
import { parsed } from '../files.mjs';
import { sha256 } from './files.mjs';

/** @typedef {import('./files.mjs').Work} Work */
/** @typedef {import('./files.mjs').ShippedCircuit} ShippedCircuit */
/** @typedef {{ task: string, sha256: string, words: string }} MeasuredCircuit and what follows from its proof */

/**
 * The result; undefined, and said, where it cannot be measured.
 * @param {Work} work
 * @param {Promise<any>} result
 */
export async function attempt({ fail }, result) {
  try {
    return await result;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    fail(error.message);
    return undefined;
  }
}

/**
 * What a circuit's proof comes to by the criteria of today, and how the circuit was found. A circuit whose
 * proof is missing, or was stopped by the time limit, is proved first; the proof is kept in its file.
 * @param {Work} work
 * @param {string} bundle name
 * @param {string} task
 * @param {ShippedCircuit} shipped
 * @returns {Promise<MeasuredCircuit | undefined>} undefined where that is not possible
 */
export async function provenCircuit(work, bundle, task, { file, circuit }) {
  const of = ['--bundle', bundle];
  const [proof, ...repeats] = [circuit.proof ?? [], circuit.repeats ?? []].flat();
  if (!proof || [proof, ...repeats].some(({ stopped }) => stopped)) {
    // As many seeds as before: fewer would not be saved.
    const seeds = proof ? ['--seed', `${proof.seed}`, '--seeds', `${1 + repeats.length}`] : [];
    const proved = await attempt(work, work.cli('verify', file, '--write', ...seeds, ...of));
    if (proved === undefined) return undefined;
  }
  const result = await attempt(work, work.cli('verify', file, '--kept', ...of));
  if (result === undefined) return undefined;
  const { command, settings, effort } = parsed(file).search;
  return { task, sha256: sha256(file), command, settings, effort, ...result };
}

/**
 * The circuits with one of a task put in its place, or at the end.
 * @template {MeasuredCircuit} C
 * @param {C[]} circuits
 * @param {C} one
 */
export function withCircuit(circuits, one) {
  const isNew = circuits.every(({ task }) => task !== one.task);
  return isNew ? [...circuits, one] : circuits.map((each) => (each.task === one.task ? one : each));
}
