// @ts-check
// Measures the shipped models with the commands of the command line and keeps what they print:
//   npm run measure
// writes docs/results/data/BUNDLE.json, which npm run report draws. A circuit takes minutes. What is
// there of the same bundle, or of the same file of a circuit, is not measured again: stop it whenever
// you like, and remove a bundle's file after a change of the tasks. Circuits are those shipped with
// the bundles; one without a proof is proved first, and its proof is kept in its file.
// What `circuitscope unique TASK --whole-nodes --out runs/unique/BUNDLE/TASK.json` found, where it is
// finished, is taken over too.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { run, runMain, ToolError } from './processes.mjs';

const ROOT = join(import.meta.dirname, '..');
const DATA = join(ROOT, 'docs', 'results', 'data');
const BUNDLES = ['python-sparse', 'python-dense'];
/** Searches with many seeds, in a folder for each bundle: hours of work, and too large to be kept here. */
const UNIQUE = join(ROOT, 'runs', 'unique');
/** What the kurtosis is measured on. */
const TEXTS = 'samples';
const TASK_PAIRS = '100';
/** A sparse model with bridges to a dense one, and what is steered over them: task and prompts. */
const BRIDGED = 'python-bridge';
const STEERED = /** @type {const} */ ([
  ['single_double_quote', 'a'],
  ['single_double_quote', 'b'],
  ['while_return_true', 'b'],
]);
const STEERED_PROMPTS = '100';

/** @typedef {{ task: string, sha256: string }} MeasuredCircuit and what follows from its proof */
/**
 * @typedef {object} Measured
 * @property {{ name: string, hash: string }} bundle what all else is of
 * @property {object} [info]
 * @property {object[]} [tasks]
 * @property {object[]} [kurtosis]
 * @property {MeasuredCircuit[]} circuits
 * @property {{ task: string }[]} [unique] what many searches for a task's core came to
 * @property {string[]} old tasks whose circuit is of an older format, which proves nothing
 */

/**
 * What a command prints as JSON.
 * @param {...string} args
 */
async function cli(...args) {
  const program = join(ROOT, 'dist', 'cli.js');
  try {
    const all = [program, ...args, '--json'];
    const options = { cwd: ROOT, maxBuffer: 2 ** 28 };
    return JSON.parse((await promisify(execFile)(process.execPath, all, options)).stdout);
  } catch (error) {
    const { stderr } = /** @type {{ stderr?: string }} */ (error);
    throw new ToolError(`circuitscope ${args.join(' ')} failed: ${stderr?.trim() || error}`);
  }
}

/**
 * @param {string} name of a shipped bundle
 * @param {string} file
 */
const bundleFile = (name, file) => parsed(join(ROOT, 'models', 'bundles', name, file));

/** @param {string} file */
function parsed(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ToolError(`${file} cannot be read: ${error}`);
  }
}

/**
 * The result; undefined, and the program fails in the end, where one circuit cannot be measured.
 * @param {ReturnType<typeof cli>} result
 */
async function attempt(result) {
  try {
    return await result;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
    return undefined;
  }
}

/** @type {Record<'info' | 'tasks' | 'kurtosis', (bundle: string) => Promise<object>>} */
const parts = {
  async info(bundle) {
    const { config, parameters } = await cli('bundle', 'info', bundle);
    const { layers, dModel } = config;
    const { nonzero, total } = withoutBigrams(parameters.parameters);
    const { natsPerToken, tokensSeen } = bundleFile(bundle, 'card.json');
    return { layers, dModel, nonzero, total, natsPerToken, tokensSeen };
  },
  async tasks(bundle) {
    return await cli('tasks', '--bundle', bundle, '--pairs', TASK_PAIRS);
  },
  async kurtosis(bundle) {
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

/**
 * Circuits shipped with a bundle, by task.
 * @param {{ name: string, hash: string }} bundle
 */
function circuitsOf({ name, hash }) {
  /** @type {Map<string, ShippedCircuit>} */
  const found = new Map();
  const folder = join(ROOT, 'models', 'bundles', name, 'circuits');
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  for (const json of names.filter((each) => each.endsWith('.json'))) {
    const file = join(folder, json);
    const circuit = parsed(file);
    const { task } = circuit.pairs;
    if (circuit.bundle.hash === hash && task !== undefined) found.set(task, { file, circuit });
  }
  return found;
}

/** @param {Uint8Array} bytes */
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/**
 * What was measured of a bundle before; nothing when the bundle has changed since.
 * @param {string} file
 * @param {Measured['bundle']} bundle
 * @returns {Measured}
 */
function measuredBefore(file, bundle) {
  const data = existsSync(file) ? parsed(file) : null;
  return data?.bundle.hash === bundle.hash ? data : { bundle, circuits: [], old: [] };
}

/** @typedef {{ file: string, circuit: { format: number, proof: object | null } }} ShippedCircuit */

/**
 * Whether a circuit's file has a proof, which is made where there is none.
 * @param {ShippedCircuit} shipped
 * @param {string} bundle name
 */
async function isProven({ file, circuit }, bundle) {
  if (circuit.proof) return true;
  return (await attempt(cli('verify', file, '--write', '--bundle', bundle))) !== undefined;
}

/**
 * What a circuit's proof comes to, and how the circuit was found; undefined where it cannot be read.
 * @param {string} task
 * @param {string} file
 * @param {string} bundle name
 */
async function provenCircuit(task, file, bundle) {
  const result = await attempt(cli('verify', file, '--kept', '--bundle', bundle));
  if (!result) return undefined;
  const { command, settings, effort } = parsed(file).search;
  return { task, sha256: sha256(readFileSync(file)), command, settings, effort, ...result };
}

/** What is measured of a bundle, kept in its file as soon as it is there. */
class Measurement {
  /** @param {string} name of a shipped bundle */
  constructor(name) {
    this.name = name;
    this.file = join(DATA, `${name}.json`);
    this.data = measuredBefore(this.file, { name, hash: bundleFile(name, 'bundle.json').hash });
  }

  /** The bundle, its tasks, its residual stream. */
  async measureModel() {
    for (const [part, of] of Object.entries(parts)) {
      if (!(part in this.data)) this.keep({ [part]: await of(this.name) }, part);
    }
  }

  /** Circuits of the present format, each with its proof; those of the format before by name. */
  async proveCircuits() {
    const all = [...circuitsOf(this.data.bundle)];
    const old = all.flatMap(([task, { circuit }]) => (circuit.format === 1 ? [task] : []));
    const current = all.filter(([task]) => !old.includes(task));
    const tasks = new Set(current.map(([task]) => task));
    const circuits = this.data.circuits.filter(({ task }) => tasks.has(task));
    this.keep({ circuits, old }, `${current.length} circuits, ${old.length} of an older format`);
    for (const [task, shipped] of current) {
      if (!(await isProven(shipped, this.name))) continue;
      const own = sha256(readFileSync(shipped.file));
      if (this.data.circuits.some((each) => each.sha256 === own)) continue;
      const one = await provenCircuit(task, shipped.file, this.name);
      if (!one) continue;
      const others = this.data.circuits.filter((each) => each.task !== task);
      this.keep({ circuits: [...others, one] }, `${task}: ${one.words}`);
    }
  }

  /** What many searches for a task's core came to. */
  takeOverSearches() {
    const folder = join(UNIQUE, this.name);
    const names = existsSync(folder) ? readdirSync(folder).sort() : [];
    const found = names.flatMap((json) => {
      const { of, result } = parsed(join(folder, json));
      const { task } = of.pairs;
      const isOurs = of.bundle.hash === this.data.bundle.hash && task !== undefined && result;
      // Cores of whole nodes are compared by their nodes; pruned weights would leave some without a use.
      if (!isOurs || of.find.settings.pruneEdges) return [];
      return [{ task, ...result, common: result.common.length }];
    });
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
    console.log(`${this.name}: ${what}`);
  }
}

/** What bridges are worth, and what steering over them does; kept as soon as it is there. */
class BridgedMeasurement {
  constructor() {
    this.file = join(DATA, `${BRIDGED}.json`);
    const { hash } = bundleFile(BRIDGED, 'bundle.json');
    const data = existsSync(this.file) ? parsed(this.file) : null;
    const { bridges, natsPerToken, tokensSeen, steps, training } = bundleFile(BRIDGED, 'card.json');
    const bridged = steps * training.batch * training.model.context;
    const { ordinary, idioms } = bridges;
    this.data = {
      ...{ bundle: { name: BRIDGED, hash }, dense: bridges.dense, natsPerToken },
      ...{ tokens: { all: tokensSeen, bridged }, tables: { ordinary, idioms } },
      steering: data?.bundle.hash === hash ? data.steering : [],
      circuits: data?.bundle.hash === hash ? data.circuits : [],
    };
  }

  async measure() {
    for (const [task, given] of STEERED) {
      const known = this.data.steering.some(
        (/** @type {{ task: string, given: string }} */ one) =>
          one.task === task && one.given === given,
      );
      if (known) continue;
      const args = ['--task', task, '--given', given, '--prompts', STEERED_PROMPTS];
      const result = await attempt(cli('steer', ...args, '--bundle', BRIDGED));
      if (result)
        this.keep({ steering: [...this.data.steering, result] }, `${task} ${given} steered`);
    }
    const proven = circuitsOf(this.data.bundle);
    const circuits = this.data.circuits.filter((/** @type {MeasuredCircuit} */ { task }) =>
      proven.has(task),
    );
    this.keep({ circuits }, `${proven.size} circuits`);
    for (const [task, shipped] of proven) {
      if (!(await isProven(shipped, BRIDGED))) continue;
      const own = sha256(readFileSync(shipped.file));
      const isKnown = (/** @type {MeasuredCircuit} */ one) => one.sha256 === own;
      if (this.data.circuits.some(isKnown)) continue;
      const one = await provenCircuit(task, shipped.file, BRIDGED);
      const ablated = await attempt(cli('steer', '--circuit', shipped.file, '--bundle', BRIDGED));
      if (!one || !ablated) continue;
      const { pairs, unaligned, answers } = ablated;
      const others = this.data.circuits.filter(
        (/** @type {MeasuredCircuit} */ each) => each.task !== task,
      );
      const circuit = { ...one, ablated: { pairs, unaligned, answers } };
      this.keep({ circuits: [...others, circuit] }, `${task}: ${one.words}`);
    }
  }

  /**
   * @param {object} more
   * @param {string} what
   */
  keep(more, what) {
    this.data = { ...this.data, ...more };
    keepData(this.file, this.data);
    console.log(`${BRIDGED}: ${what}`);
  }
}

/**
 * Writes a file of measurements aside and renames it.
 * @param {string} file
 * @param {object} data
 */
function keepData(file, data) {
  writeFileSync(`${file}.new`, JSON.stringify(data, null, 1) + '\n');
  renameSync(`${file}.new`, file);
}

await runMain(async () => {
  await run(process.execPath, ['build.mjs'], { cwd: ROOT });
  mkdirSync(DATA, { recursive: true });
  const measurements = BUNDLES.map((name) => new Measurement(name));
  // What matters most of all models first.
  for (const each of measurements) await each.measureModel();
  for (const each of measurements) each.takeOverSearches();
  for (const each of measurements) await each.proveCircuits();
  const bridged = join(ROOT, 'models', 'bundles', BRIDGED, 'bundle.json');
  if (existsSync(bridged)) await new BridgedMeasurement().measure();
});
