/** `circuitscope prune`: the smallest circuit for a task, as a file. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readBundle } from '../bundles/bundle';
import { DEFAULT_SETTINGS, SEARCH_PAIRS } from '../circuits/defaults';
import {
  checkModel,
  circuitText,
  edgeCount,
  isCircuitFile,
  readCircuit,
  writeCircuit,
  type Circuit,
} from '../circuits/file/circuitFile';
import type { FindOptions } from '../circuits/findCircuit';
import { pruneInWorker, type JobOptions } from '../circuits/inWorker';
import type { AblationKind } from '../circuits/search/model';
import { oneLine } from '../oneLine';
import { SOLVED, tasks } from '../tasks';
import { MOST_PAIRS, type PairsRequest } from '../tasks/source';
import { circuitPath, pairsOf } from './circuitFiles';
import {
  bundleDir,
  evaluate,
  pairsRequest,
  THREADS_HELP,
  threadsOf,
  threadsOption,
  withJob,
} from './circuitOptions';
import {
  parseOptions,
  positiveNumber,
  print,
  printJson,
  UsageError,
  wholeNumber,
  type Command,
} from './command';
import { percent } from './format';
import { checkOutCircuit, checkOutFolder, endsAll, keepResult } from './outFile';
import { showLine } from './output';
import { bundleOption } from './places';

const text = (value: number) => ({ type: 'string', default: String(value) }) as const;
const flag = { type: 'boolean', default: false } as const;
const options = {
  ...bundleOption,
  ...threadsOption,
  file: { type: 'string' },
  'nodes-of': { type: 'string' },
  all: flag,
  out: { type: 'string' },
  'target-loss': text(DEFAULT_SETTINGS.targetLoss),
  margin: text(DEFAULT_SETTINGS.margin),
  'edge-margin': text(DEFAULT_SETTINGS.edgeMargin),
  seed: text(DEFAULT_SETTINGS.seed),
  seconds: text(DEFAULT_SETTINGS.seconds),
  runs: text(DEFAULT_SETTINGS.runs),
  steps: text(DEFAULT_SETTINGS.steps),
  pairs: text(SEARCH_PAIRS.masks),
  'selection-pairs': text(SEARCH_PAIRS.selection),
  ablation: { type: 'string', default: 'mean' },
  'tied-qk': flag,
  'whole-nodes': flag,
  json: flag,
} as const;

/** The JSON that the command prints for one circuit. */
interface Report {
  name: string;
  out: string;
  core: number;
  backups: number;
  cut: number;
  edges: number;
  /** Nats: the loss asked for, and the whole model's and the core's on the pairs selected by. */
  target: number;
  loss: Search['loss'];
  effort: Search['effort'];
}
type Search = NonNullable<Circuit['search']>;

/** A task for which `--all` made no circuit. */
interface Skipped {
  name: string;
  skipped: string;
}

export const prune: Command = {
  summary: 'finds the smallest circuit for a task',
  help: `circuitscope prune NAME|--file FILE --out FILE [options]
circuitscope prune --all --out DIR [options]
circuitscope prune --nodes-of CIRCUIT|TASK --out FILE [--edge-margin X] [--runs N] [--file FILE]

Finds the fewest nodes that decide a task while all others are frozen at their mean (the core), drops
weights between them that are not needed, and finds what else must be closed so that the rest fails
(backups) and which few of all these do for that and leave other tasks alone (the cut). Losses are
strict: the logits may be shifted, not scaled. Writes a JSON file; verify fills in the proof. --file takes
pairs of your own (circuitscope task --help) and keeps half for verify. --all
prunes every task that the model solves in at least 95 % of prompts, one file each, and leaves files of
this model that are there already; a folder with circuits of another is refused. --nodes-of takes the
core of a circuit that was found before, and all that it was found with, and drops weights and finds the
cut anew. Ctrl-C cancels.

  --out FILE|DIR       where to write
  --target-loss X      task loss to keep, nats, ${DEFAULT_SETTINGS.targetLoss} by default
  --margin X           aim at this share of it, ${DEFAULT_SETTINGS.margin} by default, so that new prompts keep it too
  --edge-margin X      drop weights up to this share of it, ${DEFAULT_SETTINGS.edgeMargin} by default
  --seconds B          stop after this time, ${DEFAULT_SETTINGS.seconds} by default, and say so
  --runs N             searches with other settings, ${DEFAULT_SETTINGS.runs} by default; the smallest circuit counts
  --steps N            steps of mask training in a search, ${DEFAULT_SETTINGS.steps} by default
  --pairs N            pairs of prompts to train masks on, ${SEARCH_PAIRS.masks} by default
  --selection-pairs N  pairs of other words to select nodes by, ${SEARCH_PAIRS.selection} by default
  --seed S             seed of prompts and search, ${DEFAULT_SETTINGS.seed} by default
  --ablation mean|zero what other nodes are frozen at, mean by default
  --tied-qk            keep or drop a query channel and its key channel together
  --whole-nodes        keep every weight between the nodes
  --threads N          ${THREADS_HELP}
  --bundle NAME|DIR    model, python-sparse by default
  --json               print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('prune', args, options);
    const { out, all, file } = values;
    if (out === undefined) throw new UsageError('prune: add --out, where to write');
    const find = findOptions(values);
    const dir = bundleDir(values.bundle);
    if (all) {
      if (positionals.length > 0 || (file ?? values['nodes-of']) !== undefined) {
        throw new UsageError('prune: give --all or one task, not both');
      }
      checkOutFolder(out);
      await pruneAll(dir, out, find, { json: values.json, threads: threadsOf(values) });
      return;
    }
    const given = values['nodes-of'];
    if (given !== undefined && positionals.length > 0) {
      throw new UsageError('prune: give --nodes-of or a task, not both');
    }
    const work =
      given === undefined
        ? { pairs: pairsRequest('prune', positionals, file), find }
        : takenFrom(circuitPath(given, dir), { dir, file, find });
    checkOutCircuit(out, file === undefined ? [] : [file]);
    const report = await withJob(
      (job) => pruneTo(dir, work.pairs, out, work.find, job),
      threadsOf(values),
    );
    if (values.json) printJson(report);
    else print(`${out}\n${readable(report)}`);
  },
};

type Values = ReturnType<typeof parseOptions<typeof options>>['values'];

function findOptions(values: Values): FindOptions {
  const { ablation } = values;
  if (ablation !== 'mean' && ablation !== 'zero') {
    throw new UsageError(`--ablation ${ablation} is not known; write mean or zero`);
  }
  return {
    settings: {
      targetLoss: positiveNumber('--target-loss', values['target-loss']),
      margin: positiveNumber('--margin', values.margin),
      edgeMargin: positiveNumber('--edge-margin', values['edge-margin']),
      seed: wholeNumber('--seed', values.seed, 0),
      seconds: positiveNumber('--seconds', values.seconds),
      runs: wholeNumber('--runs', values.runs, 1),
      steps: wholeNumber('--steps', values.steps, 1),
      tied: values['tied-qk'],
      pruneEdges: !values['whole-nodes'],
    },
    ablation: ablation satisfies AblationKind,
    pairs: {
      masks: wholeNumber('--pairs', values.pairs, 1, MOST_PAIRS),
      selection: wholeNumber('--selection-pairs', values['selection-pairs'], 1, MOST_PAIRS),
    },
  };
}

/** What a circuit was found with, but for what weights are dropped by and the time. */
function takenFrom(
  path: string,
  { dir, file, find }: { dir: string; file: string | undefined; find: FindOptions },
): { pairs: PairsRequest; find: FindOptions } {
  const circuit = readCircuit(path);
  checkModel(circuit, readBundle(dir), path);
  const { search, ablation } = circuit;
  if (!search) throw new Error(`${path} was not found by a search; give a file that prune wrote`);
  const { pairs, ...settings } = search.settings;
  const { edgeMargin, seconds, runs } = find.settings;
  return {
    pairs: pairsOf(circuit, path, file),
    find: {
      settings: { ...settings, edgeMargin, seconds, pruneEdges: true },
      ...{ ablation, pairs, nodesOf: { core: circuit.core, search, runs } },
    },
  };
}

async function pruneTo(
  dir: string,
  pairs: PairsRequest,
  out: string,
  find: FindOptions,
  job: JobOptions,
): Promise<Report> {
  const circuit = await pruneInWorker({ bundleDir: dir, pairs, options: find }, job);
  keepResult(out, circuitText(circuit), () => {
    writeCircuit(out, circuit);
  });
  return reportOf(circuit, out);
}

function reportOf(circuit: Circuit, out: string): Report {
  const { core, backups, cut, pairs } = circuit;
  const { settings, loss, effort } = circuit.search!;
  return {
    name: 'task' in pairs ? pairs.task : pairs.file,
    out,
    ...{ core: core.length, backups: backups.length, cut: cut.length, edges: edgeCount(circuit) },
    ...{ target: settings.targetLoss, loss, effort },
  };
}

/** Every task in turn, one line of result each as soon as it is there. */
async function pruneAll(
  dir: string,
  out: string,
  find: FindOptions,
  { json, threads }: { readonly json: boolean; readonly threads: number },
): Promise<void> {
  const { hash } = readBundle(dir);
  for (const { name } of tasks) refuseForeign(join(out, `${name}.json`), hash);
  mkdirSync(out, { recursive: true });
  const results: (Report | Skipped)[] = [];
  await withJob(async (job, label) => {
    for (const { name } of tasks) {
      label.text = `${name}: `;
      const result = await pruneTask(name, join(out, `${name}.json`), { dir, hash, find, job });
      results.push(result);
      showLine('');
      if (!json) print('skipped' in result ? `${name}: ${result.skipped}` : readable(result));
    }
  }, threads);
  if (json) printJson(results);
}

async function pruneTask(
  name: string,
  file: string,
  context: { dir: string; hash: string; find: FindOptions; job: JobOptions },
): Promise<Report | Skipped> {
  const { dir, hash, find, job } = context;
  const pairs = { task: name };
  const why = keptAs(file, hash);
  if (why) return { name, skipped: why };
  try {
    const { accuracy } = await evaluate(dir, pairs, { count: 64, seed: find.settings.seed }, job);
    if (accuracy < SOLVED) {
      return { name, skipped: `not solved, accuracy ${percent(accuracy).trim()}` };
    }
    return await pruneTo(dir, pairs, file, find, job);
  } catch (error) {
    if (endsAll(error, job.signal)) throw error;
    return { name, skipped: oneLine(error) };
  }
}

/** Why a file is left as it is; nothing where there is none, or one of an older format to renew. */
function keptAs(file: string, hash: string): string | undefined {
  if (!existsSync(file)) return undefined;
  try {
    refuseForeign(file, hash);
    return readCircuit(file).search ? `${file} is there already` : undefined;
  } catch (error) {
    return `${oneLine(error)}; it is left as it is`;
  }
}

/**
 * Circuits of two models in one folder would be taken for those of one.
 * @throws one line where a file is a circuit of another model
 */
function refuseForeign(file: string, hash: string): void {
  if (!isCircuitFile(file)) return;
  const { bundle } = readCircuit(file);
  if (bundle.hash === hash) return;
  const other = `${bundle.name} ${bundle.hash.slice(0, 12)}`;
  throw new Error(`${file} is of another model, ${other}; give another folder`);
}

function readable({ name, core, backups, cut, edges, loss, target, effort }: Report): string {
  const { steps, seconds, stopped } = effort;
  const early = stopped ? `, STOPPED by the clock` : '';
  return `${name}: ${core} nodes, ${edges} edges, ${backups} backups, a cut of ${cut}, loss ${loss.core.toFixed(3)} (target ${target}, whole model ${loss.full.toFixed(3)}); ${steps} steps, ${Math.round(seconds)} s${early}`;
}
