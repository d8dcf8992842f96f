// @ts-check
/** The words and tables of the results. */
import { byLoss, compare, edgesOf, inBoth, isFair, isSameSeed, solvedTasks } from './data.mjs';

/** @typedef {import('./data.mjs').Model} Model */
/** @typedef {import('./data.mjs').Models} Models */
/** @typedef {import('./data.mjs').Circuit} Circuit */
/** @typedef {import('./data.mjs').Both} Both */
/** @typedef {(name: string, words: string) => string[]} Figure Markdown of a figure, if it was drawn */

/** @param {(string | number)[][]} rows the first is the head */
function table([head, ...rows]) {
  const line = (/** @type {(string | number)[]} */ cells) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (i === 0 ? '---' : '--:'));
  return [line(head), line(rule), ...rows.map(line), ''];
}

/** @param {number} value */
const number = (value) => value.toFixed(Math.abs(value) < 10 ? 3 : 1);
/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(1)} %`;
/** @param {boolean} holds */
const yes = (holds) => (holds ? 'yes' : '**no**');
/** @param {string[]} names */
const code = (names) => names.map((name) => `\`${name}\``).join(', ');

/**
 * The whole page.
 * @param {Models} models
 * @param {ReadonlySet<string>} drawn file names of the figures
 */
export function reportText(models, drawn) {
  /** @type {Figure} */
  const figure = (name, words) => (drawn.has(name) ? [`![${words}](${name})`, ''] : []);
  return [
    '# Results',
    '',
    'Drawn by `npm run report` from `data/*.json`, where `npm run measure` keeps what the commands ' +
      '`bundle info`, `tasks`, `verify`, `shrink` and `kurtosis` print.',
    '',
    ...modelsPart(models),
    ...tasksPart(models, figure),
    ...comparisonPart(models, figure),
    ...proofPart(models.sparse, 'proof.svg', figure),
    ...proofPart(models.dense, 'proof-dense.svg', figure),
    ...kurtosisPart(models, figure),
  ].join('\n');
}

/** @param {Models} models */
function modelsPart({ sparse, dense }) {
  const rows = [sparse, dense].map(({ bundle, info }) => [
    `${bundle.name} \`${bundle.hash.slice(0, 12)}\``,
    info.layers,
    info.dModel,
    info.nonzero.toLocaleString('en'),
    percent(info.nonzero / info.total),
    (info.tokensSeen / 1e6).toFixed(1),
    number(info.natsPerToken.heldOutOrdinary),
    number(info.natsPerToken.heldOutIdioms),
  ]);
  const head = ['model', 'layers', 'channels', 'nonzero weights', 'of all', 'M tokens'];
  return [
    '## Models',
    '',
    'Weights are those that are learned, without the counted bigram table. Losses are nats a token on held-out ' +
      'text, from the model cards: ordinary Python, and generated programs.',
    '',
    ...table([[...head, 'loss, ordinary', 'loss, generated'], ...rows]),
  ];
}

/**
 * @param {Models} models
 * @param {Figure} figure
 */
function tasksPart({ sparse, dense }, figure) {
  const theirs = new Map(dense.tasks.map((task) => [task.name, task]));
  const cells = (/** @type {Model['tasks'][0] | undefined} */ task) =>
    task ? [percent(task.accuracy), number(task.loss)] : ['', ''];
  const rows = sparse.tasks.map((task) => [
    task.name,
    ...cells(task),
    ...cells(theirs.get(task.name)),
  ]);
  const [own, other] = [sparse, dense].map((model) => solvedTasks(model).length);
  const head = ['task', 'python-sparse', 'loss', 'python-dense', 'loss'];
  return [
    '## Tasks',
    '',
    `How often the right one of two answers is the likelier, on ${2 * sparse.tasks[0].pairs} test prompts a task, and the ` +
      `cross-entropy between the two (nats). python-sparse solves ${own} of ${sparse.tasks.length} tasks at 95 %, ` +
      `python-dense ${other}.`,
    '',
    ...figure('tasks.svg', 'Accuracy of both models on each task'),
    ...table([head, ...rows]),
  ];
}

/**
 * For which tasks the circuits of the two models come from other seeds.
 * @param {import('./data.mjs').Both[]} both
 */
function otherSeeds(both) {
  const other = both.filter((one) => !isSameSeed(one)).map(({ task }) => task);
  if (other.length === 0) return ', on the same prompts';
  return `; the seed of prompts and masks differs for ${code(other)}`;
}

/**
 * Sparse against dense, or why they cannot be compared.
 * @param {Models} models
 * @param {Figure} figure
 */
function comparisonPart(models, figure) {
  const head = ['## Edges: sparse against dense', ''];
  const none = [models.sparse, models.dense].filter(({ circuits }) => circuits.length === 0);
  const both = inBoth(models);
  if (both.length === 0) {
    const why =
      none.length > 0
        ? `No circuits of ${none.map(({ bundle }) => bundle.name).join(' and ')} were measured`
        : 'No task has a circuit in both models';
    return [...head, `${why}, so nothing here says how much smaller sparse circuits are.`, ''];
  }
  const proven = both.filter(({ sparse, dense }) => sparse.passes && dense.passes);
  const unfair = both.filter((one) => !isFair(one)).map(({ task }) => task);
  const fair = proven.filter(isFair);
  const ratios = [
    ...(proven.length < both.length
      ? [ratioText(both, 'for which a circuit was found in both models')]
      : []),
    ...(proven.length > 0 ? [ratioText(proven, 'whose circuits are proven in both models')] : []),
    ...(fair.length > 0 && fair.length < proven.length
      ? [ratioText(fair, 'pruned with the same settings in both')]
      : []),
  ];
  return [
    ...head,
    `${ratios.join('. ')}. ` +
      (unfair.length === 0
        ? `Both models were pruned with the same settings${otherSeeds(both)}.`
        : `**Not with the same settings** in both models: ${code(unfair)}.`),
    '',
    ...figure('edges.svg', 'Edges of the circuit of each task in both models'),
    ...table([
      ['task', 'edges, sparse', 'dense', 'dense / sparse', 'nodes, sparse', 'dense', 'both proven'],
      ...both.map(({ task, sparse, dense }) => [
        task,
        sparse.edges,
        dense.edges,
        (edgesOf(dense) / edgesOf(sparse)).toFixed(1),
        sparse.nodes,
        dense.nodes,
        yes(sparse.passes && dense.passes),
      ]),
    ]),
    ...lossEdgesPart(both, figure),
  ];
}

/**
 * @param {Both[]} both
 * @param {string} which tasks these are
 */
function ratioText(both, which) {
  const edges = both.map(({ sparse, dense }) => ({
    sparse: edgesOf(sparse),
    dense: edgesOf(dense),
  }));
  const { sparse, dense, ratio } = compare(edges);
  const tasks = both.length === 1 ? 'For the one task' : `Over the ${both.length} tasks`;
  return `${tasks} ${which}, the geometric mean is ${number(sparse)} edges in python-sparse and ${number(dense)} in python-dense, **${ratio.toFixed(1)} times** as many`;
}

/**
 * @param {Both[]} both
 * @param {Figure} figure
 */
function lossEdgesPart(both, figure) {
  const rows = byLoss(both);
  if (rows.length === 0) return [];
  return [
    '### Task loss against edges',
    '',
    'What is left of the circuits (`shrink`) when nodes are dropped as long as a loss is kept on prompts of the task: ' +
      'at the target itself what only made them necessary goes, at larger losses ever more.',
    '',
    ...figure('loss-edges.svg', 'Task loss against edges in both models'),
    ...table([
      ['loss kept (nats)', 'tasks', 'edges, sparse', 'dense', 'dense / sparse'],
      ...rows.map(({ target, tasks, sparse, dense, ratio }) => [
        target,
        tasks,
        number(sparse),
        number(dense),
        ratio.toFixed(1),
      ]),
    ]),
  ];
}

/**
 * @param {Model} model
 * @param {string} name of the figure
 * @param {Figure} figure
 */
function proofPart(model, name, figure) {
  const { bundle, circuits } = model;
  const head = [`## Circuits of ${bundle.name}`, ''];
  if (circuits.length === 0) return [...head, 'None was measured.', ''];
  const passed = circuits.filter(({ passes }) => passes).length;
  const known = new Set(circuits.map(({ task }) => task));
  const missing = solvedTasks(model).flatMap((task) => (known.has(task.name) ? [] : [task.name]));
  const without =
    missing.length > 0 ? ` Solved, but without a circuit here: ${code(missing)}.` : '';
  const count = circuits.length === 1 ? 'one circuit was' : `${circuits.length} circuits were`;
  return [
    ...head,
    `The model solves ${solvedTasks(model).length} tasks; ${count} measured, ${passed} of which pass.${without}`,
    '',
    'Losses are nats between the two answers, on test prompts. _Removed_ is the whole model without the circuit; ' +
      '_random_ are as many nodes drawn by chance; _shuffled_ and _random model_ are the same search where ' +
      'there is nothing to find. _Follows_: how often the answer goes along when the circuit’s activations are ' +
      'swapped between the prompts of a pair.',
    '',
    ...figure(name, `Losses of each circuit of ${bundle.name} and of its controls`),
    ...table([CIRCUIT_HEAD, ...circuits.map(circuitRow)]),
  ];
}

const CIRCUIT_HEAD = [
  ...['task', 'nodes', 'edges', 'whole model', 'circuit', 'removed', 'random', 'shuffled'],
  ...['random model', 'follows', 'sufficient', 'necessary', 'beats controls', 'proven'],
];

/** @param {Circuit} circuit */
function circuitRow({ task, nodes, edges, loss, interchange, ...proof }) {
  const { full, circuit, removed, random, shuffled_labels: shuffled, random_model: model } = loss;
  const losses = [full, circuit, removed, random, shuffled, model].map(number);
  const { sufficient, necessary, controls, passes } = proof;
  const verdict = [sufficient, necessary, controls, passes].map(yes);
  return [task, nodes, edges, ...losses, `${Math.round(100 * interchange)} %`, ...verdict];
}

/**
 * @param {Models} models
 * @param {Figure} figure
 */
function kurtosisPart({ sparse, dense }, figure) {
  const theirs = new Map(dense.kurtosis.map(({ place, kurtosis }) => [place, kurtosis]));
  const rows = sparse.kurtosis.map(({ place, kurtosis }) => {
    const other = theirs.get(place);
    return [place, number(kurtosis), other === undefined ? '' : number(other)];
  });
  return [
    '## Residual stream',
    '',
    'Kurtosis over the channels, mean over every token of `samples/`: the more, the fewer channels carry the stream.',
    '',
    ...figure('kurtosis.svg', 'Kurtosis of the residual stream of both models'),
    ...table([['after', 'python-sparse', 'python-dense'], ...rows]),
  ];
}
