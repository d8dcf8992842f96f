// @ts-check
/** The words and tables of the results. */
import { compare, counted, edgesOf, inBoth, isFair, measured, solvedTasks } from './data.mjs';

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
      '`bundle info`, `tasks`, `verify` and `kurtosis` print.',
    '',
    ...modelsPart(models),
    ...tasksPart(models, figure),
    ...comparisonPart(models, figure),
    ...proofPart(models.sparse, '', figure),
    ...proofPart(models.dense, '-dense', figure),
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
 * Sparse against dense, or why they cannot be compared.
 * @param {Models} models
 * @param {Figure} figure
 */
function comparisonPart(models, figure) {
  const head = ['## Edges: sparse against dense', ''];
  const both = inBoth(models);
  if (both.length === 0) {
    const none = [models.sparse, models.dense].filter(({ circuits }) => circuits.length === 0);
    const why =
      none.length > 0
        ? `No circuits of ${none.map(({ bundle }) => bundle.name).join(' and ')} were measured by the strict rule`
        : 'No task has a circuit in both models';
    return [...head, `${why}, so nothing here says how much smaller sparse circuits are.`, ''];
  }
  const enough = both.filter(
    ({ sparse, dense }) => sparse.groups.sufficient && dense.groups.sufficient,
  );
  const unfair = both.filter((one) => !isFair(one)).map(({ task }) => task);
  const ratio = enough.length > 0 ? `${ratioText(enough, 'whose cores are enough in both')}. ` : '';
  return [
    ...head,
    ratio +
      (unfair.length === 0
        ? 'Both models were searched with the same settings and prompts.'
        : `**Not with the same settings** in both models: ${code(unfair)}.`),
    '',
    ...figure('edges.svg', 'Edges of the core of each task in both models'),
    ...table([
      ['task', 'edges, sparse', 'dense', 'dense / sparse', 'nodes, sparse', 'dense'],
      ...both.map(({ task, sparse, dense }) => [
        task,
        sparse.edges,
        dense.edges,
        (edgesOf(dense) / edgesOf(sparse)).toFixed(1),
        sparse.core,
        dense.core,
      ]),
    ]),
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
 * @param {Model} model
 * @param {string} ending of the figures' names
 * @param {Figure} figure
 */
function proofPart(model, ending, figure) {
  const { bundle, circuits, old } = model;
  const head = [`## Circuits of ${bundle.name}`, ''];
  const older =
    old.length > 0
      ? [
          `${old.length === 1 ? 'The circuit' : `The ${old.length} circuits`} of ${code(old)} ${old.length === 1 ? 'is' : 'are'} of an older format: found with logits scaled up to three times, and not proven by the strict rule.`,
          '',
        ]
      : [];
  if (circuits.length === 0) {
    return [...head, 'None was measured by the strict rule.', '', ...older];
  }
  const passed = circuits.filter(({ passes }) => passes).length;
  const known = new Set([...circuits.map(({ task }) => task), ...old]);
  const missing = solvedTasks(model).flatMap((task) => (known.has(task.name) ? [] : [task.name]));
  const without =
    missing.length > 0 ? ` Solved, but without a circuit here: ${code(missing)}.` : '';
  const count = circuits.length === 1 ? 'one circuit was' : `${circuits.length} circuits were`;
  const groups = Object.keys(circuits[0].groups);
  return [
    ...head,
    `The model solves ${solvedTasks(model).length} tasks; ${count} measured by the strict rule, ${passed} of which ${passed === 1 ? 'holds' : 'hold'} every criterion.${without}`,
    '',
    ...older,
    'Losses are nats between the two answers on prompts of the proof, after a shift (the strict rule; _scale free_: the ' +
      'paper’s, scale and shift). _Put back_: with random parts of the rest as they are, the worst of 100; _adversary_: ' +
      'with those that gradient ascent chooses. _Without_: core and backups removed, and the share of pairs still in order.',
    '',
    ...figure(`proof${ending}.svg`, `Losses of each circuit of ${bundle.name}`),
    ...circuitTable(circuits),
    'Criteria, and how many circuits hold all of each group: ' +
      `${groups.map((group) => `${group} ${circuits.filter((one) => one.groups[group]).length}`).join(', ')}.`,
    '',
    ...table([
      ['task', ...groups, 'all'],
      ...circuits.map((one) => [
        one.task,
        ...groups.map((group) => yes(one.groups[group])),
        yes(one.passes),
      ]),
    ]),
    ...figure(`selective${ending}.svg`, 'Accuracy on every task without each circuit'),
    ...circuits.map(({ task, words }) => `- \`${task}\`: ${words}`),
    '',
  ];
}

const CIRCUIT_HEAD = [
  ...['task', 'core', 'edges', 'of', 'backups', 'core alone', 'scale free', 'share of the gap'],
  ...['put back', 'adversary', 'without', 'in order', 'follows', 'random', 'needed nodes'],
];

/**
 * Core and backups of each circuit with the numbers of its proof, as README and results have it.
 * @param {Circuit[]} circuits
 */
function circuitTable(circuits) {
  return table([CIRCUIT_HEAD, ...circuits.map(circuitRow)]);
}

/** @param {Circuit} circuit */
function circuitRow(circuit) {
  const { task, core, backups, edges, allEdges } = circuit;
  const of = (
    /** @type {string} */ id,
    /** @type {'loss' | 'order' | 'share'} */ what,
    /** @type {(value: number) => string} */ show,
  ) => {
    const one = measured(circuit, id);
    return one ? show(one[what]) : 'not measured';
  };
  const whole = (/** @type {number} */ share) => `${Math.round(100 * share)} %`;
  const minimal = counted(circuit, 'minimal');
  return [
    ...[`\`${task}\``, core, edges, allEdges, backups],
    of('core', 'loss', number),
    of('core.free', 'loss', number),
    of('core', 'share', whole),
    of('subsets.worst', 'loss', number),
    of('adversary', 'loss', number),
    of('removed.circuit', 'loss', number),
    of('removed.circuit', 'order', whole),
    of('swap.circuit', 'share', whole),
    of('swap.random', 'share', whole),
    minimal ? `${minimal.count} of ${minimal.of}` : 'not measured',
  ];
}

/** Between these lines README has what the data say. */
export const README_MARKS = ['<!-- circuits, by npm run report -->', '<!-- end of circuits -->'];

/**
 * README with its table of circuits made from the data.
 * @param {string} readme
 * @param {Models} models
 */
export function withCircuits(readme, { sparse }) {
  const [start, end] = README_MARKS.map((mark) => readme.indexOf(mark));
  if (start < 0 || end < start)
    throw new Error(`README.md lacks the lines ${README_MARKS.join(' and ')}`);
  const { circuits, old } = sparse;
  const passed = circuits.filter(({ passes }) => passes).length;
  const groups = Object.keys(circuits[0]?.groups ?? {}).map(
    (group) => `${group} ${circuits.filter((one) => one.groups[group]).length}`,
  );
  const lines = [
    ...(circuits.length === 0
      ? ['No circuit is proven by the strict rule yet.', '']
      : [
          ...circuitTable(circuits),
          `Of ${circuits.length} circuits ${passed} ${passed === 1 ? 'holds' : 'hold'} every criterion. By group: ${groups.join(', ')}.`,
          '',
        ]),
    ...(old.length === 0
      ? []
      : [
          `Of an older format, shown in the editor and not proven: ${code(old)}. Each is renewed by \`circuitscope prune TASK --out FILE\`.`,
          '',
        ]),
  ];
  const before = readme.slice(0, start + README_MARKS[0].length);
  return `${before}\n\n${lines.join('\n')}\n${readme.slice(end)}`;
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
