/** `circuitscope steer`: what a dense model predicts when it is steered through a sparse one. */
import { readBridged, SHIPPED_BRIDGED, type BridgedBundle } from '../bundles/partner';
import { checkModel, readCircuit } from '../circuits/file/circuitFile';
import { Runtime } from '../runtime/runtime';
import type { BundleInfo } from '../inference/engine';
import { nodesOfConcept } from '../labels/byConcept';
import { circuitSteering } from '../steering/circuitSteering';
import { steerable, type BridgedModels } from '../steering/models';
import { Steering } from '../steering/steering';
import { taskSteering } from '../steering/taskSteering';
import { noneOfConcept } from '../steering/texts';
import { findTask } from '../tasks';
import { describeNode, parseNode } from '../transformer/nodes';
import { circuitPath } from './circuitFiles';
import {
  parseOptions,
  print,
  printJson,
  refuseOptions,
  showProgress,
  UsageError,
  wholeNumber,
} from './command';
import type { Command } from './command';
import { bundleDir, bundlesDir, page, workerFile } from './places';
import { explained, headOf, readable, steered, type Report } from './steerReport';
import { readableCircuit, readableTask } from './steerTask';
import { placeIn, textIn } from './where';

const options = {
  bundle: { type: 'string', default: SHIPPED_BRIDGED },
  dense: { type: 'string' },
  line: { type: 'string' },
  column: { type: 'string' },
  token: { type: 'string' },
  cell: { type: 'string' },
  node: { type: 'string' },
  concept: { type: 'string' },
  task: { type: 'string' },
  circuit: { type: 'string' },
  given: { type: 'string', default: 'a' },
  prompts: { type: 'string', default: '100' },
  to: { type: 'string' },
  'to-cell': { type: 'string' },
  'to-text': { type: 'string' },
  strength: { type: 'string', default: '0,0.25,0.5,0.75,1' },
  explain: { type: 'boolean', default: false },
  measure: { type: 'string', default: '128' },
  top: { type: 'string', default: '5' },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
} as const;

/** Prompts that a node is chosen on, and the most that can be steered. */
const SELECTION_PROMPTS = 16;
const MOST_PROMPTS = 10_000;

export const steer: Command = {
  summary: 'steer a dense model through nodes of the sparse model bridged to it',
  help: `circuitscope steer FILE --line L --column C --node NODE --to FILE2|--to-text TEXT [options]
circuitscope steer FILE --line L --column C --concept CONCEPT --to FILE2|--to-text TEXT [options]
circuitscope steer FILE --line L --column C --explain --to FILE2|--to-text TEXT [options]
circuitscope steer --task TASK [--given a|b] [--prompts N] [--node NODE|--concept CONCEPT] [options]
circuitscope steer --circuit CIRCUIT|TASK [--prompts N] [options]

Takes the change of a sparse model's node from FILE to another text, carries it over the bridge into the
dense model's residual stream on FILE, and prints what the dense model then predicts after the token at the
place. The other text must have as many tokens as FILE, or end with the token at the place. There are two
controls: random nodes of the same site whose changes are about as large, and the best channels of the dense
model's own residual stream.
Only nodes of act_in, resid_delta and mlp.post_act can steer; not writes and neurons of the last MLP, which
nothing reads afterwards, nor reads of the first attention, which are just the token.

With --task, steers one prompt of each of a task's pairs to the answer of the other, through the given node
or one that is chosen on other prompts. Beside it: the same change for the next read alone, and after the last
layer; eight random nodes of its site whose changes are at least half as large (or the largest); eight random
directions of the same length; the dense model's own best channel or neuron and best mean difference of its
residual stream at the last token, chosen like the node; and the sparse model's whole stream.

With --circuit, mean-ablates a circuit in the sparse model (a file, or the circuit that the bundle has for a
task) and carries the change of its residual stream over the bridges into every read of the dense model:
does the dense model lose the answers of the circuit's task? Nodes of the last MLP change no read, and are
counted as unread. The controls are five random sets of as many nodes: for each node of the core one of its
site that ablation moves about as far in these prompts, and from other sites what a site is short of.

  --token N             token by its number from 0; -1 is the end-of-text before the file
  --cell N              for a notebook: the Python cell by its number from 1
  --to FILE2, --to-text TEXT
                        the other text
  --to-cell N           where FILE2 is a notebook: its Python cell by its number from 1
  --concept CONCEPT     instead of --node: the node whose label tells the concept best, of those that
                        differ between the texts; circuitscope concepts lists concepts
  --strength S,S        shares of the node's change to add, 0 to 1; 0,0.25,0.5,0.75,1 by default
  --explain             instead of --node: rank nodes by how far each alone brings the dense model to
                        its prediction for the other text (change of the log-probability, nats)
  --measure N           with --explain: number of nodes to measure, those that change the dense
                        model's residual stream most; 128 by default
  --given a|b           with --task: which prompt of each pair to steer, a by default
  --prompts N           with --task: number of prompts to steer, 100 by default, without pairs that
                        the dense model does not solve; with --circuit: pairs of the task
  --top N               nodes and controls to show, 5 by default
  --seed N              seed of the random nodes, 1 by default
  --bundle NAME|DIR     the sparse model with its bridges; ${SHIPPED_BRIDGED} by default, and how to train one
                        is in ${page('bridges.md')}
  --dense NAME|DIR      the dense model, if it is not found by its name
  --json                print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('steer', args, options);
    refuseUnused(values, args);
    if (values.circuit !== undefined) await ablateCircuit(values.circuit, values, positionals);
    else if (values.task !== undefined) await steerTask(values.task, values, positionals);
    else await steerFile(values, positionals);
  },
};

type Values = ReturnType<typeof parseOptions<typeof options>>['values'];

/** Refuses options of the other forms of the command. */
function refuseUnused({ circuit, task, explain }: Values, args: readonly string[]): void {
  const refuse = (names: readonly string[], why: string) => {
    refuseOptions('steer', args, names, why);
  };
  if (circuit !== undefined) {
    refuse(['--given', '--strength', '--top', '--measure'], '--circuit steers through no node');
  } else if (task !== undefined) {
    refuse(['--top', '--measure'], '--task ranks no nodes');
  } else {
    refuse(['--given', '--prompts'], 'FILE is no task');
    if (explain) refuse(['--strength', '--seed'], '--explain steers with no controls');
    else refuse(['--measure'], 'without --explain no nodes are ranked');
  }
}

async function steerFile(values: Values, positionals: readonly string[]): Promise<void> {
  if (positionals.length !== 1) {
    throw new UsageError(
      'steer takes one file, --task or --circuit; see circuitscope steer --help',
    );
  }
  const { node, concept, explain } = values;
  if ([node !== undefined, concept !== undefined, explain].filter(Boolean).length !== 1) {
    throw new UsageError('steer: give one of --node NODE, --concept CONCEPT and --explain');
  }
  if ((values.to === undefined) === (values['to-text'] === undefined)) {
    throw new UsageError('steer: give either --to FILE2 or --to-text TEXT');
  }
  if (values['to-text'] !== undefined && values['to-cell'] !== undefined) {
    throw new UsageError('steer: --to-cell is for a notebook given with --to; leave it out');
  }
  const place = placeIn(values);
  const strengths = strengthsOf(values);
  const [top, measure] = [
    wholeNumber('--top', values.top, 1),
    wholeNumber('--measure', values.measure, 1),
  ];
  const seed = seedOf(values);
  const { text: given, name } = textIn(positionals[0], values.cell);
  const other = values['to-text'] ?? textIn(values.to!, values['to-cell'], '--to-cell').text;
  await withModels(values, async (models, bundle) => {
    const { sparse, dense } = models;
    const steering = await Steering.open(models, { given, other, at: place(given, name) });
    const { info } = dense;
    const chosen = concept === undefined ? node : nodeOf(concept, bundle, steering);
    const report: Report = {
      ...headOf(steering, sparse.info, info),
      ...(chosen === undefined
        ? { explain: await explained(steering, measure) }
        : await steered(steering, info, chosen, strengths, seed)),
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
    throw new UsageError(`--given ${given}: give a or b, one of the two prompts of a pair`);
  }
  if (values.node !== undefined && values.concept !== undefined) {
    throw new UsageError('steer: give --node or --concept, not both');
  }
  const task = findTask(name);
  const strengths = strengthsOf(values);
  const prompts = promptsOf(values);
  const seed = seedOf(values);
  await withModels(values, async (models, bundle) => {
    const { sparse, dense } = models;
    const { node, concept } = values;
    const among = concept === undefined ? undefined : nodesOf(concept, bundle);
    const report = await taskSteering(
      models,
      {
        ...{ task, given, node, among, strengths, seed },
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

/** Refuses a file and its options beside --task or --circuit, which bring their own prompts. */
function checkNoFile(option: string, values: Values, positionals: readonly string[]): void {
  const ofFile = ['line', 'column', 'token', 'cell', 'to', 'to-cell', 'to-text'] as const;
  const isOfFile = ofFile.some((name) => values[name] !== undefined);
  if (positionals.length === 0 && !isOfFile && !values.explain) return;
  throw new UsageError(`steer: ${option} brings its own prompts; leave out FILE and its options`);
}

async function ablateCircuit(
  name: string,
  values: Values,
  positionals: readonly string[],
): Promise<void> {
  checkNoFile('--circuit', values, positionals);
  if (['node', 'concept', 'task'].some((option) => option in values)) {
    throw new UsageError(
      'steer: --circuit cannot be combined with --node, --concept or --task; leave them out',
    );
  }
  const file = circuitPath(name, bundleDir(values.bundle));
  const circuit = readCircuit(file);
  if (!('task' in circuit.pairs)) {
    throw new UsageError(`${file} was pruned on a file of pairs; give the circuit of a task`);
  }
  const task = findTask(circuit.pairs.task);
  const count = promptsOf(values);
  const seed = seedOf(values);
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

/** Opens a sparse model with its bridges and the dense one, and closes both in the end. */
async function withModels(
  values: Values,
  work: (models: BridgedModels, bundle: BridgedBundle) => Promise<void>,
): Promise<void> {
  const bundles = readBridged(bundleDir(values.bundle), bundlesDir(), values.dense);
  const open = (dir: string) =>
    Runtime.open(dir, { workerFile: workerFile('runtime-worker'), engine: 'onnx' });
  const sparse = await open(bundles.sparse.dir);
  try {
    const dense = await open(bundles.dense.dir);
    try {
      const models = {
        sparse: steerable(sparse, bundles.sparse),
        dense: steerable(dense, bundles.dense),
        bridges: bundles.sparse.bridges.weights,
      };
      await work(models, bundles.sparse);
    } finally {
      await dense.close();
    }
  } finally {
    await sparse.close();
  }
}

/** The nodes whose label names a concept, the best first. */
function nodesOf(concept: string, { dir, labels }: BridgedBundle): string[] {
  if (!labels) throw new Error(`${dir} has no labels; make them with circuitscope label ${dir}`);
  return [...new Set(nodesOfConcept(labels, concept).map(({ node }) => node))];
}

/** Of these the first that can steer between two texts. */
function nodeOf(concept: string, bundle: BridgedBundle, steering: Steering): string {
  const { config } = bundle;
  const able = nodesOf(concept, bundle).find((node) => steering.canSteer(parseNode(node, config)));
  if (able !== undefined) return able;
  throw noneOfConcept(concept);
}

/** Shares of a change, from the smallest on, each once. */
function strengthsOf({ strength: text }: Values): number[] {
  const strengths = text.split(',').map((part) => {
    const strength = Number(part);
    if (part.trim() !== '' && strength >= 0 && strength <= 1) return strength;
    throw new UsageError(`--strength ${text}: '${part}' is not a number from 0 to 1`);
  });
  return [...new Set(strengths)].sort((a, b) => a - b);
}

const promptsOf = ({ prompts }: Values) => wholeNumber('--prompts', prompts, 1, MOST_PROMPTS);
const seedOf = ({ seed }: Values) => wholeNumber('--seed', seed, 0);
