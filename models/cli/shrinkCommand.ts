/** `circuitscope shrink`: how many edges a task needs at which loss, from a circuit that was found. */
import { readBundle } from '../bundles/bundle';
import { checkModel, readCircuit } from '../circuits/file/circuitFile';
import { DEFAULT_SHRINK } from '../circuits/defaults';
import { shrinkInWorker } from '../circuits/inWorker';
import { MOST_PAIRS } from '../tasks/source';
import { circuitPath, pairsOf } from './circuitFiles';
import { bundleDir, withJob } from './circuitOptions';
import {
  parseOptions,
  positiveNumber,
  print,
  printJson,
  UsageError,
  wholeNumber,
  type Command,
} from './command';
import { table } from './format';
import { bundleOption } from './places';

const options = {
  ...bundleOption,
  losses: { type: 'string', default: DEFAULT_SHRINK.targets.join(',') },
  pairs: { type: 'string', default: String(DEFAULT_SHRINK.pairs) },
  seed: { type: 'string', default: String(DEFAULT_SHRINK.seed) },
  seconds: { type: 'string', default: String(DEFAULT_SHRINK.seconds) },
  file: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export const shrink: Command = {
  summary: 'measure how few edges of a circuit are needed at larger losses',
  help: `circuitscope shrink FILE|TASK [options]

Drops nodes from a circuit's core for as long as its measured loss stays within a limit, then goes on to the
next larger limit. FILE is a circuit that prune wrote, TASK a task for which the bundle has a circuit. Prints
the nodes and edges left at every limit, and their loss on prompts that were not used for dropping. Limits
that the circuit does not meet, or that the time limit cuts off, are left out; it is an error if none is left.

  --losses X,Y,…     limits on the task loss, nats, ${DEFAULT_SHRINK.targets.join(',')} by default
  --pairs N          pairs to drop nodes on, ${DEFAULT_SHRINK.pairs} by default
  --seed S           seed of the pairs to test on, ${DEFAULT_SHRINK.seed} by default
  --seconds B        time limit in seconds, ${DEFAULT_SHRINK.seconds} by default
  --file FILE        the file of pairs that the circuit was pruned on, if it is not beside the circuit
  --bundle NAME|DIR  model, python-sparse by default
  --json             print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('shrink', args, options);
    if (positionals.length !== 1) {
      throw new UsageError('shrink takes one file or task; see circuitscope shrink --help');
    }
    const targets = values.losses.split(',').map((text) => positiveNumber('--losses', text));
    const wanted = {
      targets: targets.sort((a, b) => a - b),
      pairs: wholeNumber('--pairs', values.pairs, 1, MOST_PAIRS),
      seed: wholeNumber('--seed', values.seed, 0),
      seconds: positiveNumber('--seconds', values.seconds),
    };
    const dir = bundleDir(values.bundle);
    const path = circuitPath(positionals[0], dir);
    const circuit = readCircuit(path);
    checkModel(circuit, readBundle(dir), path);
    const pairs = pairsOf(circuit, path, values.file);
    const found = await withJob((job) =>
      shrinkInWorker({ bundleDir: dir, pairs, options: { ...wanted, circuit } }, job),
    );
    if (found.length === 0) {
      throw new Error(
        `${path} meets none of these losses, or not within ${wanted.seconds} s; give larger --losses or more --seconds`,
      );
    }
    if (values.json) {
      printJson(found);
      return;
    }
    const rows = found.map(({ target, nodes, edges, loss }) => [
      target,
      nodes,
      edges,
      loss.toFixed(3),
    ]);
    print(table([['loss limit', 'nodes', 'edges', 'loss on new prompts'], ...rows]));
  },
};
