/** `circuitscope unique`: how many different circuits do a task. */
import { DEFAULT_SETTINGS, SEARCH_PAIRS } from '../circuits/defaults';
import { uniqueInWorker } from '../circuits/inWorker';
import { isKeptSearches } from '../circuits/keptSearches';
import type { Unique } from '../circuits/unique';
import {
  bundleDir,
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
  wholeNumber,
  type Command,
} from './command';
import { percent, table } from './format';
import { checkOutFile } from './outFile';
import { bundleOption } from './places';

const DEFAULT = { seeds: 20, peel: 5 };
const text = (value: number) => ({ type: 'string', default: String(value) }) as const;
const options = {
  ...bundleOption,
  ...threadsOption,
  file: { type: 'string' },
  seeds: text(DEFAULT.seeds),
  peel: text(DEFAULT.peel),
  seed: text(DEFAULT_SETTINGS.seed),
  steps: text(DEFAULT_SETTINGS.steps),
  seconds: text(DEFAULT_SETTINGS.seconds),
  'whole-nodes': { type: 'boolean', default: false },
  out: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

const SEARCHES = { a: 'a file of kept searches', is: isKeptSearches };
/** Searches for one task at most. */
const MOST_SEARCHES = 1000;

export const uniqueCommand: Command = {
  summary: 'how many different circuits do a task',
  help: `circuitscope unique NAME|--file FILE [options]

Searches for a task's core with many seeds on the same prompts: how many find one, how much two of them
share (nodes of both by nodes of either), which nodes all have, and whether one is found without those.
Then peels: searches again and again with the nodes of all cores before forbidden. A search takes a
minute or two. Ctrl-C cancels; with --out what was found by then stays, and the same command goes on.

  --seeds N          searches, ${DEFAULT.seeds} by default
  --peel N           cores that share no node are sought up to this number, ${DEFAULT.peel} by default
  --seed S           seed of the prompts and of the first search, ${DEFAULT_SETTINGS.seed} by default
  --steps N          steps of mask training in a search, ${DEFAULT_SETTINGS.steps} by default
  --seconds B        stop a search after this time, ${DEFAULT_SETTINGS.seconds} by default, and say so
  --whole-nodes      keep every weight between the nodes: quicker
  --out FILE         keep every search in a file as it ends, and go on from those that are there;
                     one that the time of --seconds stopped is made again
  --threads N        ${THREADS_HELP}
  --bundle NAME|DIR  model, python-sparse by default
  --json             print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('unique', args, options);
    const pairs = pairsRequest('unique', positionals, values.file);
    const settings = {
      ...DEFAULT_SETTINGS,
      seed: wholeNumber('--seed', values.seed, 0),
      steps: wholeNumber('--steps', values.steps, 1),
      seconds: positiveNumber('--seconds', values.seconds),
      pruneEdges: !values['whole-nodes'],
    };
    const wanted = {
      find: { settings, ablation: 'mean', pairs: SEARCH_PAIRS },
      seeds: wholeNumber('--seeds', values.seeds, 1, MOST_SEARCHES),
      peeled: wholeNumber('--peel', values.peel, 1, MOST_SEARCHES),
      keep: values.out ?? null,
    } as const;
    if (wanted.keep !== null) checkOutFile(wanted.keep, SEARCHES, [values.file]);
    const dir = bundleDir(values.bundle);
    const found = await withJob(
      (job) => uniqueInWorker({ bundleDir: dir, pairs, options: wanted }, job),
      threadsOf(values),
    );
    if (found.cores.length === 0 && found.stopped) {
      throw new Error(
        `no circuit was found within ${settings.seconds} s a search, by any of ${wanted.seeds} seeds; give more --seconds`,
      );
    }
    if (values.json) printJson(found);
    else print(readable(found));
  },
};

function readable(found: Unique): string {
  const { name, seeds, cores, jaccard, common, withoutCommon, peeled, peeledAll, stopped } = found;
  const sizes = (of: Unique['cores']) => of.map(({ nodes, edges }, i) => [i + 1, nodes, edges]);
  const without =
    common.length === 0
      ? 'No node is common to all.'
      : withoutCommon
        ? `Without them the search finds ${withoutCommon.nodes} nodes and ${withoutCommon.edges} edges.`
        : 'Without them the search finds nothing.';
  const shared =
    jaccard === null ? '' : `Two share ${percent(jaccard).trim()} of the nodes of either. `;
  return [
    `${name}: ${cores.length} of ${seeds} seeds find a core. ${shared}${common.length} nodes are in all. ${without}`,
    table([['core', 'nodes', 'edges'], ...sizes(cores)]),
    `${peeled.length} that share no node were found one after the other${peeledAll ? ', and more may be there' : ''}${stopped ? '; some search was STOPPED by the clock' : ''}:`,
    table([['core', 'nodes', 'edges'], ...sizes(peeled)]),
  ].join('\n\n');
}
