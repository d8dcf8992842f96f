// @ts-check
/** What is measured of a shipped model. */
import { join } from 'node:path';
import { provenCircuit, withCircuit } from './circuits.mjs';
import { parsed } from '../files.mjs';
import { circuitsOf, keepData, measuredBefore } from './files.mjs';
import { finishedSearches } from './searches.mjs';

/** @typedef {import('./files.mjs').Work} Work */
/** @typedef {import('./circuits.mjs').MeasuredCircuit} MeasuredCircuit */
/**
 * @typedef {object} Measured
 * @property {import('./files.mjs').BundleId} bundle what all else is of
 * @property {object} [info]
 * @property {object[]} [tasks]
 * @property {object[]} [kurtosis]
 * @property {MeasuredCircuit[]} circuits
 * @property {{ task: string }[]} [unique] what many searches for a task's core came to
 * @property {string[]} old tasks whose circuit is of an older format, which proves nothing
 */

/** What the kurtosis is measured on. */
const TEXTS = 'samples';
const TASK_PAIRS = '100';

/** @type {Record<'info' | 'tasks' | 'kurtosis', (work: Work, bundle: string) => Promise<object>>} */
const parts = {
  async info({ cli, folders }, bundle) {
    const { config, parameters } = await cli('bundle', 'info', bundle);
    const { layers, dModel } = config;
    const { nonzero, total } = withoutBigrams(parameters.parameters);
    const { natsPerToken, tokensSeen } = parsed(join(folders.bundles, bundle, 'card.json'));
    return { layers, dModel, nonzero, total, natsPerToken, tokensSeen };
  },
  async tasks({ cli }, bundle) {
    return await cli('tasks', '--bundle', bundle, '--pairs', TASK_PAIRS);
  },
  async kurtosis({ cli }, bundle) {
    return (await cli('kurtosis', TEXTS, '--bundle', bundle)).kurtosis;
  },
};

/**
 * Entries of all parameters but the bigram table, which is counted and not learned.
 * @param {{ name: string, nonzero: number, total: number }[]} parameters
 */
function withoutBigrams(parameters) {
  const learned = parameters.filter(({ name }) => name !== 'bigram.table');
  const sum = (/** @type {'nonzero' | 'total'} */ key) =>
    learned.reduce((all, one) => all + one[key], 0);
  return { nonzero: sum('nonzero'), total: sum('total') };
}

/** What is measured of a bundle, kept in its file as soon as it is there. */
export class Measurement {
  /**
   * @param {Work} work
   * @param {string} name of a shipped bundle
   */
  constructor(work, name) {
    this.work = work;
    this.name = name;
    this.file = join(work.folders.data, `${name}.json`);
    const { hash } = parsed(join(work.folders.bundles, name, 'bundle.json'));
    const bundle = { name, hash };
    /** @type {Measured} */
    this.data = measuredBefore(this.file, bundle) ?? { bundle, circuits: [], old: [] };
  }

  /** The bundle, its tasks, its residual stream. */
  async measureModel() {
    for (const [part, of] of Object.entries(parts)) {
      if (!(part in this.data)) this.keep({ [part]: await of(this.work, this.name) }, part);
    }
  }

  /**
   * Circuits of the present format, each with its proof; those of older formats by name. Proofs take minutes
   * and are made once; what they come to is asked each time, since criteria change.
   */
  async proveCircuits() {
    const { current, old } = circuitsOf(this.work.folders, this.data.bundle);
    const circuits = this.data.circuits.filter(({ task }) => current.has(task));
    this.keep({ circuits, old }, `${current.size} circuits, ${old.length} of an older format`);
    for (const [task, shipped] of current) {
      const one = await provenCircuit(this.work, this.name, task, shipped);
      if (!one) continue;
      this.keep({ circuits: withCircuit(this.data.circuits, one) }, `${task}: ${one.words}`);
    }
  }

  /**
   * What many searches for a task's core came to. Tasks whose file is gone stay: the files are large and
   * hours of work, and are not kept with the project.
   */
  takeOverSearches() {
    const found = finishedSearches(this.work.folders, this.data.bundle);
    const tasks = found.map(({ task }) => task);
    const others = (this.data.unique ?? []).filter(({ task }) => !tasks.includes(task));
    const unique = [...others, ...found];
    if (found.length > 0) this.keep({ unique }, `searches with many seeds for ${tasks.join(', ')}`);
  }

  /**
   * @param {Partial<Measured>} more
   * @param {string} what
   */
  keep(more, what) {
    this.data = { ...this.data, ...more };
    keepData(this.file, this.data);
    this.work.tell(`${this.name}: ${what}`);
  }
}
