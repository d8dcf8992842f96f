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

const SEARCHES = { a: 'a file of saved searches', is: isKeptSearches };
/** Searches for one task at most. */
const MOST_SEARCHES = 1000;

export const uniqueCommand: Command = {
  summary: 'count how many different circuits solve a task',
  help: `circuitscope unique NAME|--file FILE [options]

Searches for a task's core with many seeds on the same prompts. Prints how many searches find one, how
similar the cores are (mean Jaccard index of their nodes), how many nodes all of them share, and with how
many of the seeds a core is found without those. Then peels cores off: searches again with the nodes of all
earlier cores forbidden, with one seed after the other until one finds a core. A search takes a minute or
two. Ctrl-C cancels; with --out the finished searches are kept, and the same command resumes.

  --seeds N          searches with different seeds, ${DEFAULT.seeds} by default
  --peel N           most cores to find that share no node, ${DEFAULT.peel} by default
  --seed S           seed of the prompts and of the first search, ${DEFAULT_SETTINGS.seed} by default
  --steps N          mask-training steps of a search, ${DEFAULT_SETTINGS.steps} by default
  --seconds B        time limit of a search in seconds, ${DEFAULT_SETTINGS.seconds} by default; the output says when it is hit
  --whole-nodes      keep every weight between the nodes, which is quicker
  --out FILE         save every search in a file as it ends, and resume from those saved; searches
                     that the time limit stopped are made again
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
        `no search found a circuit within ${settings.seconds} s, with any of ${wanted.seeds} seeds; give more --seconds`,
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
      ? 'No node is in all of them.'
      : `Without them ${withoutCommon.length} of ${seeds} seeds find a core${withoutCommon.length > 0 ? ':' : '.'}`;
  const shared =
    jaccard === null ? '' : `The mean Jaccard index of two cores is ${percent(jaccard).trim()}. `;
  return [
    `${name}: ${cores.length} of ${seeds} seeds find a core. ${shared}${common.length} nodes are in all cores. ${without}`,
    ...(withoutCommon.length > 0
      ? [table([['without them', 'nodes', 'edges'], ...sizes(withoutCommon)])]
      : []),
    ...(cores.length > 0 ? ['The cores of all seeds:'] : []),
    table([['core', 'nodes', 'edges'], ...sizes(cores)]),
    `${peeled.length} cores that share no node were found one after the other${peeledAll ? '; there may be more' : ''}${stopped ? '; a search was STOPPED by the time limit' : ''}:`,
    table([['core', 'nodes', 'edges'], ...sizes(peeled)]),
  ].join('\n\n');
}
