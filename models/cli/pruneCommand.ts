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
  pairsName,
  readCircuit,
  writeCircuit,
  type Circuit,
} from '../circuits/file/circuitFile';
import { LEAST_PAIRS } from '../circuits/file/criteria';
import type { FindOptions } from '../circuits/findCircuit';
import { pruneInWorker, type JobOptions } from '../circuits/inWorker';
import type { AblationKind } from '../circuits/search/model';
import { oneLine } from '../oneLine';
import { SOLVED, tasks } from '../tasks';
import {
  isUndivided,
  LEAST_DIVIDED,
  MOST_PAIRS,
  sourceOf,
  type PairsRequest,
} from '../tasks/source';
import { circuitPath, pairsOf, UNDIVIDED } from './circuitFiles';
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
  refuseOptions,
  UsageError,
  wholeNumber,
  type Command,
} from './command';
import { percent } from './format';
import { checkOutCircuit, checkOutFolder, endsAll, keepResult } from './outFile';
import { say, showLine } from './output';
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

/** Options that `--nodes-of` takes from the circuit. */
const KEPT_SETTINGS = [
  ...['--target-loss', '--margin', '--seed', '--steps', '--pairs', '--selection-pairs'],
  ...['--ablation', '--tied-qk', '--whole-nodes'],
];

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
  summary: 'find the smallest circuit for a task',
  help: `circuitscope prune NAME|--file FILE --out FILE [options]
circuitscope prune --all --out DIR [options]
circuitscope prune --nodes-of CIRCUIT|TASK --out FILE [--edge-margin X] [--runs N] [--file FILE]

Finds the core, a small set of nodes that solves a task with all other nodes ablated, and drops the weights
between them that are not needed. Then finds the backups, further nodes that must be ablated with the core
for the rest of the model to fail the task, and the cut, the few of core and backups whose ablation is enough
for that and leaves other tasks intact. Losses are strict: the logits may be shifted, not scaled. Writes a
JSON file; verify --write adds the proof.

--file takes pairs of your own (see circuitscope task --help) and reserves half of them for verify, which
needs at least ${LEAST_PAIRS}. Of fewer than ${2 * LEAST_DIVIDED - 1} pairs the other half serves twice, to train masks
and to select nodes. --all prunes every task that the model solves on at least 95 % of prompts, one file each;
it skips files of this model that exist and refuses a folder with circuits of another model. --nodes-of
takes the core and the settings of an earlier circuit, and only drops weights and finds backups and cut
again. Ctrl-C cancels. The exit code is 3 where the model has no circuit for the task: it does not solve it,
or no search finds one.

  --out FILE|DIR       file to write; with --all, a folder
  --target-loss X      largest task loss of the circuit, nats, ${DEFAULT_SETTINGS.targetLoss} by default
  --margin X           share of it to aim at, so that new prompts meet it too, ${DEFAULT_SETTINGS.margin} by default
  --edge-margin X      share of it up to which weights are dropped, ${DEFAULT_SETTINGS.edgeMargin} by default
  --seconds B          time limit in seconds, ${DEFAULT_SETTINGS.seconds} by default; the file records when it is hit
  --runs N             searches with different settings, ${DEFAULT_SETTINGS.runs} by default; the smallest circuit is kept
  --steps N            mask-training steps of a search, ${DEFAULT_SETTINGS.steps} by default
  --pairs N            pairs of prompts to train masks on, ${SEARCH_PAIRS.masks} by default
  --selection-pairs N  pairs with other words to select nodes on, ${SEARCH_PAIRS.selection} by default
  --seed S             seed of prompts and search, ${DEFAULT_SETTINGS.seed} by default
  --ablation mean|zero value that ablated nodes are set to, mean by default
  --tied-qk            keep or drop a query channel and its key channel together
  --whole-nodes        keep every weight between the nodes
  --threads N          ${THREADS_HELP}
  --bundle NAME|DIR    model, python-sparse by default
  --json               print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('prune', args, options);
    const { out, all, file } = values;
    if (out === undefined)
      throw new UsageError('prune: --out is missing; add the file or folder to write');
    if (values['nodes-of'] !== undefined && !all) {
      refuseOptions('prune', args, KEPT_SETTINGS, '--nodes-of keeps the settings of the circuit');
    }
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
    if (given !== undefined) {
      if (positionals.length > 0) {
        throw new UsageError('prune: give --nodes-of or a task, not both');
      }
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
    if (given === undefined && file !== undefined) warnOfFew(work.pairs, find.settings.seed);
    if (values.json) printJson(report);
    else print(`${out}\n${readable(report)}`);
  },
};

/** Says when a file leaves too few pairs for a proof, or to choose nodes on others than masks were trained on. */
function warnOfFew(request: PairsRequest, seed: number): void {
  const source = sourceOf(request);
  if (isUndivided(source, seed)) {
    say(`${UNDIVIDED}; give at least ${2 * LEAST_DIVIDED - 1} to have them apart`);
  }
  const left = source.pairs(seed, LEAST_PAIRS, 'proof').length;
  if (left < LEAST_PAIRS) {
    say(`${left} of the pairs are left for verify, and a proof needs at least ${LEAST_PAIRS}`);
  }
}

type Values = ReturnType<typeof parseOptions<typeof options>>['values'];

function findOptions(values: Values): FindOptions {
  const { ablation } = values;
  if (ablation !== 'mean' && ablation !== 'zero') {
    throw new UsageError(`--ablation ${ablation}: give mean or zero`);
  }
  return {
    settings: {
      targetLoss: positiveNumber('--target-loss', values['target-loss']),
      margin: positiveNumber('--margin', values.margin, 1),
      edgeMargin: positiveNumber('--edge-margin', values['edge-margin'], 1),
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

/** Pairs and settings of an earlier search; edge margin and time limit are the new ones. */
function takenFrom(
  path: string,
  { dir, file, find }: { dir: string; file: string | undefined; find: FindOptions },
): { pairs: PairsRequest; find: FindOptions } {
  const circuit = readCircuit(path);
  checkModel(circuit, readBundle(dir), path);
  const { search, ablation } = circuit;
  if (!search)
    throw new Error(`${path} does not come from a search of prune; give a file that prune wrote`);
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
  const { core, backups, cut } = circuit;
  const { settings, loss, effort } = circuit.search!;
  return {
    name: pairsName(circuit),
    out,
    ...{ core: core.length, backups: backups.length, cut: cut.length, edges: edgeCount(circuit) },
    ...{ target: settings.targetLoss, loss, effort },
  };
}

/** Prunes every task in turn, and prints a line for each as soon as it is done. */
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

/** Why a file is kept; undefined where there is none, or one of an older format to write again. */
function keptAs(file: string, hash: string): string | undefined {
  if (!existsSync(file)) return undefined;
  try {
    refuseForeign(file, hash);
    return readCircuit(file).search ? `${file} exists already` : undefined;
  } catch (error) {
    return `${oneLine(error)}; the file was left unchanged`;
  }
}

/**
 * Refuses a folder with circuits of another model: they could not be told apart later.
 * @throws one line where a file is a circuit of another model
 */
function refuseForeign(file: string, hash: string): void {
  if (!isCircuitFile(file)) return;
  const { bundle } = readCircuit(file);
  if (bundle.hash === hash) return;
  const other = `${bundle.name} ${bundle.hash.slice(0, 12)}`;
  throw new Error(`${file} is a circuit of another model, ${other}; give another folder`);
}

function readable({ name, core, backups, cut, edges, loss, target, effort }: Report): string {
  const { steps, seconds, stopped } = effort;
  const early = stopped ? ', STOPPED by the time limit' : '';
  return `${name}: ${core} nodes, ${edges} edges, ${backups} backups, a cut of ${cut}, loss ${loss.core.toFixed(3)} (target ${target}, whole model ${loss.full.toFixed(3)}); ${steps} steps, ${Math.round(seconds)} s${early}`;
}
