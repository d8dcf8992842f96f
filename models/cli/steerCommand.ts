/** `circuitscope steer`: what a dense model predicts when it is steered through a sparse one. */
import { readBridged } from '../bundles/partner';
import { checkModel, readCircuit } from '../circuits/file/circuitFile';
import { Runtime } from '../runtime/runtime';
import type { BundleInfo } from '../inference/engine';
import { circuitSteering } from '../steering/circuitSteering';
import { steerable, type BridgedModels } from '../steering/models';
import { Steering } from '../steering/steering';
import { taskSteering } from '../steering/taskSteering';
import { findTask } from '../tasks';
import { describeNode, parseNode } from '../transformer/nodes';
import { circuitPath } from './circuitFiles';
import { parseOptions, print, printJson, showProgress, UsageError, wholeNumber } from './command';
import type { Command } from './command';
import { bundleDir, bundlesDir, page, workerFile } from './places';
import { explained, headOf, readable, steered, type Report } from './steerReport';
import { readableCircuit, readableTask } from './steerTask';
import { placeIn, textIn } from './where';

const options = {
  bundle: { type: 'string' },
  dense: { type: 'string' },
  line: { type: 'string' },
  column: { type: 'string' },
  token: { type: 'string' },
  cell: { type: 'string' },
  node: { type: 'string' },
  task: { type: 'string' },
  circuit: { type: 'string' },
  given: { type: 'string', default: 'a' },
  prompts: { type: 'string', default: '100' },
  to: { type: 'string' },
  'to-text': { type: 'string' },
  strength: { type: 'string', default: '0,0.25,0.5,0.75,1' },
  explain: { type: 'boolean', default: false },
  measure: { type: 'string', default: '128' },
  top: { type: 'string', default: '5' },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
} as const;

/** Prompts that a node is chosen on, and most that are steered. */
const SELECTION_PROMPTS = 16;
const MOST_PROMPTS = 10_000;
export const steer: Command = {
  summary: 'steers a dense model through a node of the sparse model bridged to it',
  help: `circuitscope steer FILE --line L --column C --node NODE --to FILE2|--to-text TEXT [options]
circuitscope steer FILE --line L --column C --explain --to FILE2|--to-text TEXT [options]
circuitscope steer --task TASK [--given a|b] [--prompts N] [--node NODE] [options]
circuitscope steer --circuit CIRCUIT|TASK [--prompts N] [options]

What the node does more in another text than in FILE is put, over the bridge, into the dense model's
residual stream of FILE; shown is what the dense model then predicts after the token at the place. The
other text has as many tokens as FILE, or ends with the token at the place. Two controls stand
beside: random nodes of the same kind, and the best of all channels of the dense model's own stream.
Nodes that steer are those of act_in, resid_delta and mlp.post_act.

With --task, prompts of one kind of a task's pairs are steered to the answer of the other kind, by one
node that is chosen on other prompts. The controls are eight random nodes of its site, eight random
directions of the same length, and the single channel of the dense model's own residual stream that
does it best, chosen as the node is.

With --circuit, a circuit of the sparse model (a file, or the task whose circuit its bundle has) is ablated
to means there, and what that changes of its residual stream goes over the bridges into all reads of the
dense model: does the dense model lose the answers of the circuit's task? Beside it five random sets of as
many nodes a site.

  --token N             the token by its number from 0; -1 is the end-of-text before the file
  --cell N              of a notebook, the Python cell by its number from 1
  --to FILE2, --to-text TEXT
                        the other text
  --strength S,S        how much of the node's change is added, 0 to 1; 0,0.25,0.5,0.75,1 by default
  --explain             instead of --node: which nodes bring the dense model to what it predicts of
                        the other text, each alone, by the change of its log-probability (nats)
  --measure N           with --explain: how many nodes are measured, those that change the dense
                        model's residual stream most; 128 by default
  --given a|b           with --task: which prompt of each pair is steered, a by default
  --prompts N           with --task: prompts that are steered, 100 by default; pairs that the dense
                        model does not solve are left out. With --circuit: pairs of the task
  --top N               nodes and controls to show; 5 by default
  --seed N              chooses the random nodes
  --bundle NAME|DIR     the sparse model with its bridges; none ships, how to train one says
                        ${page('bridges.md')}
  --dense NAME|DIR      the dense model, where it is not found by its name
  --json                print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('steer', args, options);
    if (values.circuit !== undefined) await ablateCircuit(values.circuit, values, positionals);
    else if (values.task !== undefined) await steerTask(values.task, values, positionals);
    else await steerFile(values, positionals);
  },
};

type Values = ReturnType<typeof parseOptions<typeof options>>['values'];

async function steerFile(values: Values, positionals: readonly string[]): Promise<void> {
  if (positionals.length !== 1) {
    throw new UsageError(
      'steer takes one file, --task or --circuit; see circuitscope steer --help',
    );
  }
  if ((values.node === undefined) === !values.explain) {
    throw new UsageError('steer: give --node NODE or --explain, one of the two');
  }
  if ((values.to === undefined) === (values['to-text'] === undefined)) {
    throw new UsageError('steer: give --to FILE2 or --to-text TEXT, one of the two');
  }
  const place = placeIn(values);
  const strengths = parseStrengths(values.strength);
  const [top, measure] = [
    wholeNumber('--top', values.top, 1),
    wholeNumber('--measure', values.measure, 1),
  ];
  const seed = wholeNumber('--seed', values.seed, 0);
  const { text: given, name } = textIn(positionals[0], values.cell);
  const other = values['to-text'] ?? textIn(values.to!, undefined).text;
  await withModels(values, async (models) => {
    const { sparse, dense } = models;
    const steering = await Steering.open(models, { given, other, at: place(given, name) });
    const { info } = dense;
    const report: Report = {
      ...headOf(steering, sparse.info, info),
      ...(values.node === undefined
        ? { explain: await explained(steering, measure) }
        : await steered(steering, info, values.node, strengths, seed)),
    };
    if (values.json) printJson(report);
    else print(readable(report, sparse.info, top));
  });
}

async function steerTask(
  name: string,
  values: Values,
  positionals: readonly string[],
): Promise<void> {
  checkNoFile('--task', values, positionals);
  const { given } = values;
  if (given !== 'a' && given !== 'b') {
    throw new UsageError(`--given ${given} is neither 'a' nor 'b', the two prompts of a pair`);
  }
  const task = findTask(name);
  const strengths = parseStrengths(values.strength);
  const prompts = wholeNumber('--prompts', values.prompts, 1, MOST_PROMPTS);
  const seed = wholeNumber('--seed', values.seed, 0);
  await withModels(values, async (models) => {
    const { sparse, dense } = models;
    const report = await taskSteering(
      models,
      {
        ...{ task, given, node: values.node, strengths, seed },
        prompts: { selection: SELECTION_PROMPTS, proof: prompts },
      },
      {
        onProgress: (done, total) => {
          showProgress('prompts:', done, total);
        },
      },
    );
    const named = ({ name: bundle, hash }: BundleInfo) => ({ name: bundle, hash });
    const { config } = sparse.info;
    if (values.json) printJson({ sparse: named(sparse.info), dense: named(dense.info), ...report });
    else print(readableTask(report, (node) => describeNode(parseNode(node, config), config)));
  });
}

/** What takes its prompts from a task has none of a file's options. */
function checkNoFile(option: string, values: Values, positionals: readonly string[]): void {
  const ofFile = ['line', 'column', 'token', 'cell', 'to', 'to-text'] as const;
  const isOfFile = ofFile.some((name) => values[name] !== undefined);
  if (positionals.length === 0 && !isOfFile && !values.explain) return;
  throw new UsageError(`steer: ${option} has prompts of its own; leave out FILE, places and --to`);
}

async function ablateCircuit(
  name: string,
  values: Values,
  positionals: readonly string[],
): Promise<void> {
  checkNoFile('--circuit', values, positionals);
  if (values.node !== undefined || values.task !== undefined) {
    throw new UsageError('steer: --circuit says what is ablated; leave out --node and --task');
  }
  const file = circuitPath(name, bundleDir(givenBundle(values)));
  const circuit = readCircuit(file);
  if (!('task' in circuit.pairs)) {
    throw new UsageError(`${file} is of a person's own pairs; give the circuit of a task`);
  }
  const task = findTask(circuit.pairs.task);
  const count = wholeNumber('--prompts', values.prompts, 1, MOST_PROMPTS);
  const seed = wholeNumber('--seed', values.seed, 0);
  await withModels(values, async (models) => {
    const { info } = models.sparse;
    checkModel(circuit, info, file);
    const report = await circuitSteering(models, circuit, task.pairs(seed, count, 'proof'), seed, {
      onProgress: (done, total) => {
        showProgress('pairs:', done, total);
      },
    });
    const named = { circuit: file, task: task.name, dense: models.dense.info.name };
    if (values.json) printJson({ ...named, ...report });
    else print(readableCircuit(named, report));
  });
}

/** The sparse model, which has no default: none with bridges ships. */
function givenBundle({ bundle }: Values): string {
  if (bundle !== undefined) return bundle;
  throw new UsageError(
    'steer: --bundle is missing; give a sparse model with bridges to a dense one (circuitscope train makes it)',
  );
}

/** Opens a sparse model with its bridges and the dense one, and closes both in the end. */
async function withModels(
  values: Values,
  work: (models: BridgedModels) => Promise<void>,
): Promise<void> {
  const bundles = readBridged(bundleDir(givenBundle(values)), bundlesDir(), values.dense);
  const open = (dir: string) =>
    Runtime.open(dir, { workerFile: workerFile('runtime-worker'), engine: 'onnx' });
  const sparse = await open(bundles.sparse.dir);
  try {
    const dense = await open(bundles.dense.dir);
    try {
      await work({
        sparse: steerable(sparse, bundles.sparse),
        dense: steerable(dense, bundles.dense),
        bridges: bundles.sparse.bridges.weights,
      });
    } finally {
      await dense.close();
    }
  } finally {
    await sparse.close();
  }
}

function parseStrengths(text: string): number[] {
  return text.split(',').map((part) => {
    const strength = Number(part);
    if (part.trim() !== '' && strength >= 0 && strength <= 1) return strength;
    throw new UsageError(`--strength ${text}: '${part}' is not a number from 0 to 1`);
  });
}
