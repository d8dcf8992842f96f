// @ts-check
/** The words and tables of the results. */
import { bridgesPart } from './bridges.mjs';
import {
  compare,
  counted,
  edgesOf,
  geometricMean,
  inBoth,
  isFair,
  measured,
  solvedTasks,
} from './data.mjs';
import { code, number, percent, table } from './markdown.mjs';
import { uniquePart } from './unique.mjs';

/** @typedef {import('./data.mjs').Model} Model */
/** @typedef {import('./data.mjs').Models} Models */
/** @typedef {import('./data.mjs').Circuit} Circuit */
/** @typedef {import('./data.mjs').Both} Both */
/** @typedef {(name: string, words: string) => string[]} Figure Markdown of a figure, if it was drawn */

/** @param {boolean} holds */
const yes = (holds) => (holds ? 'yes' : '**no**');

/**
 * The whole page.
 * @param {Models} models
 * @param {import('./bridges.mjs').Bridged | null} bridged
 * @param {ReadonlySet<string>} drawn file names of the figures
 */
export function reportText(models, bridged, drawn) {
  /** @type {Figure} */
  const figure = (name, words) => (drawn.has(name) ? [`![${words}](${name})`, ''] : []);
  return [
    '# Results',
    '',
    'Drawn by `npm run report` from `data/*.json`, where `npm run measure` keeps what the commands ' +
      '`bundle info`, `tasks`, `verify`, `unique`, `kurtosis` and `steer` print.',
    '',
    ...modelsPart(models),
    ...tasksPart(models, figure),
    ...comparisonPart(models, figure),
    ...proofPart(models.sparse, '', figure),
    ...proofPart(models.dense, '-dense', figure),
    ...uniquePart([models.sparse, models.dense]),
    ...kurtosisPart(models, figure),
    ...(bridged ? bridgesPart(bridged, figure) : []),
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
  const enough = enoughInBoth(models);
  const ratio = enough.length > 0 ? ratioText(enough, 'whose cores are enough in both') : '';
  return [
    ...head,
    ratio + fairText(both),
    '',
    ...goalsPart(models),
    ...figure('edges.svg', 'Edges of the core of each task in both models'),
    ...table([
      [
        'task',
        'edges, sparse',
        'dense',
        'ratio',
        'weights, sparse',
        'dense',
        'nodes, sparse',
        'dense',
      ],
      ...both.map(({ task, sparse, dense }) => [
        ...[task, sparse.edges, dense.edges, (edgesOf(dense) / edgesOf(sparse)).toFixed(1)],
        ...[sparse.allEdges, dense.allEdges, sparse.core, dense.core],
      ]),
    ]),
  ];
}

/**
 * Whether tasks were searched with the same settings in both models.
 * @param {Both[]} both
 */
function fairText(both) {
  const unfair = both.filter((one) => !isFair(one)).map(({ task }) => task);
  return unfair.length === 0
    ? 'Both models were searched with the same settings and prompts.'
    : `**Not with the same settings** in both models: ${code(unfair)}.`;
}

/** @param {Models} models */
const enoughInBoth = (models) =>
  inBoth(models).filter(({ sparse, dense }) => sparse.groups.sufficient && dense.groups.sufficient);

/** @param {string} text */
const lowerFirst = (text) => text.charAt(0).toLowerCase() + text.slice(1);

/**
 * @param {Both[]} both
 * @param {string} which tasks these are
 */
function ratioText(both, which) {
  /** @type {(some: Both[], size: (circuit: Circuit) => number) => string} */
  const times = (some, size) => {
    const sizes = some.map(({ task, sparse, dense }) => {
      return { task, sparse: size(sparse), dense: size(dense) };
    });
    const { sparse, dense, ratio, spread } = compare(sizes);
    const within = spread
      ? ` (95 % of draws of tasks: ${spread.interval.map((end) => end.toFixed(1)).join(' to ')}; without ${code([spread.without.task])}, which raises it most, ${spread.without.ratio.toFixed(1)})`
      : '';
    return `${number(sparse)} in python-sparse and ${number(dense)} in python-dense, **${ratio.toFixed(1)} times** as many${within}`;
  };
  const over = (/** @type {Both[]} */ some) =>
    some.length === 1 ? 'the one task' : `the ${some.length} tasks`;
  const parts = partsOf(both).map(
    ({ some, whose }) => `over ${over(some)} of these ${whose} ${times(some, edgesOf)}`,
  );
  return (
    `Over ${over(both)} ${which}, the geometric mean is, in all weights between the kept nodes, ` +
    `${times(both, ({ allEdges }) => Math.max(1, allEdges))}; in edges that are kept ${[times(both, edgesOf), ...parts].join(', and ')}. `
  );
}

/** @param {Circuit} circuit */
const isPruned = ({ edges, allEdges }) => edges < allEdges;

/**
 * Parts of some tasks over which edges are compared as well: those pruned in both models, since the size of a core
 * of which no weight was dropped is of another kind, and those searched with the same settings. Only what is not all of them or none.
 * @param {Both[]} both
 */
function partsOf(both) {
  const parts = [
    {
      some: both.filter(({ sparse, dense }) => isPruned(sparse) && isPruned(dense)),
      whose: 'whose weights were pruned in both models',
    },
    { some: both.filter(isFair), whose: 'that had the same settings in both models' },
  ];
  return parts.filter(({ some }) => some.length > 0 && some.length < both.length);
}

/** What was aimed at for the sparse model: edges of a circuit at most, and times as many in the dense one at least. */
const GOALS = { edges: 100, ratio: 16 };

/**
 * On which circuits and tasks the goals for edges are met. One number over some of them would hide the others.
 * @param {Models} models
 */
function goalsPart(models) {
  const { circuits } = models.sparse;
  if (circuits.length === 0) return [];
  const holding = circuits.filter(({ passes }) => passes);
  const pruned = holding.filter(isPruned);
  const whole = holding.filter((one) => !isPruned(one)).map(({ task }) => task);
  const sizes = [
    { of: holding, name: `the ${holding.length} that hold` },
    { of: holding.length < circuits.length ? circuits : [], name: `all ${circuits.length}` },
    {
      of: whole.length > 0 ? pruned : [],
      name: `the ${pruned.length} that hold without ${code(whole)}, of which no weight was dropped`,
    },
  ]
    .filter(({ of }) => of.length > 0)
    .map(({ of, name }) => ({ name, value: geometricMean(of.map(edgesOf)) }));
  const enough = enoughInBoth(models);
  const ratios = [
    { some: enough, whose: 'whose cores are enough in both models' },
    ...partsOf(enough),
  ]
    .filter(({ some }) => some.length > 0)
    .map(({ some, whose }) => ({
      name: `the ${some.length} ${whose}`,
      value: compare(
        some.map(({ task, sparse, dense }) => {
          return { task, sparse: edgesOf(sparse), dense: edgesOf(dense) };
        }),
      ).ratio,
    }));
  /** @type {(goal: boolean) => string} */
  const met = (goal) => (goal ? 'met' : '**not met**');
  const shown = (/** @type {number} */ value) => value.toFixed(1);
  const size = sizes.map(
    ({ name, value }) =>
      `${shown(value)} over ${name} (${met(Number(shown(value)) <= GOALS.edges)})`,
  );
  const ratio = ratios.map(
    ({ name, value }) =>
      `${shown(value)} over ${name} (${met(Number(shown(value)) >= GOALS.ratio)})`,
  );
  return [
    `The goal of at most ${GOALS.edges} kept edges in the geometric mean of the circuits of python-sparse: ${size.join(', ')}.` +
      (ratio.length > 0
        ? ` The goal of at least ${GOALS.ratio} times as many in python-dense, by tasks: ${ratio.join(', ')}.`
        : ''),
    '',
  ];
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
  const missing = withoutCircuit(model);
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
      'paper’s, scale and shift). _Put back_: all weights between the core’s nodes, with random parts of the rest as they are, ' +
      'the worst of 100; _adversary_: with the 16 nodes that gradient ascent chooses; _by edges_: the same with the kept ' +
      'weights alone between the core’s nodes; _unbounded_: all weights, with as many nodes as it likes. _Without_: core and backups removed, ' +
      'and the share of pairs still in order. _Follows_: how far answers go with joined nodes and backups that are moved ' +
      'into the other prompt; _random_: with as many random nodes of the rest; _constants too_: of all but the joined nodes ' +
      'and backups; _rest_: with all nodes but core and backups. _Cut_: the fewest of them without which the model fails.',
    '',
    ...figure(`proof${ending}.svg`, `Losses of each circuit of ${bundle.name}`),
    ...circuitTable(circuits),
    'Sizes and baselines. _50 %_, _80 %_: nodes that carry so much of the model’s gap, grown from the core by slope; ' +
      '_area_ under that curve over the logarithm of size. _All weights_: share of the gap with every weight between the ' +
      'core’s nodes; _zero_, _resample_: its loss with the rest at zero, or as in other prompts. _Attribution_: the fewest nodes, of ' +
      'the numbers tried, that reach the target loss on 12 pairs of the search when they are taken by activation times gradient; all of the model where no fewer do. _Two levels_: loss of the core with every node at one of ' +
      'two levels, which were trained, and of as many random nodes in the same way. _Random labels_, _random model_: loss of what the same ' +
      'search comes to there, its nodes, and edges where they were counted; of random labels on the prompts that its nodes were chosen on. _Backups of random_: what as many random nodes need instead. ' +
      '_Search_: seconds of all searches that made the circuit’s file, and _proof_: of its proof, on as many threads as they had, which files do not say.',
    '',
    ...figure(`sizes${ending}.svg`, `Nodes that carry half of the gap, and the core, by task`),
    ...sizeTable(circuits),
    'Criteria, of which the worst number of all seeds counts, and how many circuits hold all of each group: ' +
      `${groups.map((group) => `${group} ${circuits.filter((one) => one.groups[group]).length}`).join(', ')}.`,
    '',
    ...table([
      ['task', 'seeds', ...groups, 'all'],
      ...circuits.map((one) => [
        one.task,
        1 + one.repeats.length,
        ...groups.map((group) => yes(one.groups[group])),
        yes(one.passes),
      ]),
    ]),
    ...figure(`selective${ending}.svg`, 'Accuracy on every task without the cut of each circuit'),
    ...circuits.map(({ task, words }) => `- \`${task}\`: ${words}`),
    '',
  ];
}

/**
 * Tasks that a model solves, of which it has no circuit.
 * @param {Model} model
 */
function withoutCircuit(model) {
  const known = new Set([...model.circuits.map(({ task }) => task), ...model.old]);
  return solvedTasks(model).flatMap(({ name }) => (known.has(name) ? [] : [name]));
}

const CIRCUIT_HEAD = [
  ...[
    'task',
    'core',
    'joined',
    'edges',
    'of',
    'backups',
    'cut',
    'core alone',
    'scale free',
    'share of the gap',
  ],
  ...[
    'put back',
    'adversary',
    'by edges: put back',
    'by edges: adversary',
    'unbounded',
    'without',
    'in order',
    'follows',
    'random',
    'random, constants too',
    'rest',
    'needed nodes',
  ],
];

/**
 * Core, backups and cut of each circuit with the numbers of its proof.
 * @param {Circuit[]} circuits
 */
function circuitTable(circuits) {
  return table([CIRCUIT_HEAD, ...circuits.map(circuitRow)]);
}

/**
 * Reads the numbers of a proof.
 * @param {Circuit} circuit
 */
function reader(circuit) {
  const missing = 'not measured';
  return {
    /**
     * @param {string} id
     * @param {'loss' | 'order' | 'share' | 'nodes'} what
     * @param {(value: number) => string} show
     */
    of(id, what, show) {
      const one = measured(circuit, id);
      return one ? show(one[what]) : missing;
    },
    /**
     * @param {string} id
     * @param {(count: number, of: number) => string} show
     */
    count(id, show) {
      const one = counted(circuit, id);
      return one ? show(one.count, one.of) : missing;
    },
  };
}

/** @param {number} share */
const whole = (share) => `${Math.round(100 * share)} %`.replace('-', '−');

/** @param {Circuit} circuit */
function circuitRow(circuit) {
  const { task, core, joined, backups, cut, edges, allEdges } = circuit;
  const { of, count } = reader(circuit);
  return [
    ...[`\`${task}\``, core, joined, edges, allEdges, backups, cut],
    of('core', 'loss', number),
    of('core.free', 'loss', number),
    of('core', 'share', whole),
    of('subsets.worst', 'loss', number),
    of('adversary', 'loss', number),
    of('subsets.edges', 'loss', number),
    of('adversary.edges', 'loss', number),
    of('adversary.free', 'loss', number),
    of('removed.circuit', 'loss', number),
    of('removed.circuit', 'order', whole),
    of('swap.circuit', 'share', whole),
    of('swap.random', 'share', whole),
    of('swap.anywhere', 'share', whole),
    of('swap.rest', 'share', whole),
    count('minimal', (some, all) => `${some} of ${all}`),
  ];
}

/** @param {Circuit[]} circuits */
function sizeTable(circuits) {
  const head = [
    ...['task', 'core', '50 %', '80 %', 'area', 'all weights', 'zero', 'resample', 'attribution'],
    ...[
      'two levels',
      'random at two levels',
      'random labels',
      'random model',
      'backups',
      'of random',
      'search (s)',
      'proof (s)',
    ],
  ];
  const rows = circuits.map((circuit) => {
    const { of, count } = reader(circuit);
    const control = (/** @type {string} */ id) => {
      const edges = measured(circuit, id)?.edges;
      const joined = edges === undefined ? '' : `, ${edges} edges`;
      return `${of(id, 'loss', number)} (${of(id, 'nodes', String)}${joined})`;
    };
    const every = measured(circuit, 'core.nodes') ? 'core.nodes' : 'core';
    return [
      ...[circuit.task, circuit.core],
      count('size.50', String),
      count('size.80', String),
      count('faithfulness', (area) => area.toFixed(2)),
      of(every, 'share', whole),
      of('core.zero', 'loss', number),
      of('core.resample', 'loss', number),
      count('attribution', (_, nodes) => String(nodes)),
      of('levels', 'loss', number),
      of('levels.random', 'loss', number),
      control('control.labels'),
      control('control.model'),
      count('backups', String),
      count('backups', (_, random) => String(random)),
      ...[circuit.effort.seconds, circuit.proof.seconds],
    ];
  });
  return table([head, ...rows]);
}

/**
 * What README says of each circuit: its size, the losses that matter most, and which groups fail.
 * @param {Circuit[]} circuits
 */
function shortTable(circuits) {
  const head = [
    ...['task', 'core', 'joined', 'edges', 'share of the gap', 'core alone'],
    ...['with random parts of the rest', '16 nodes chosen against it', 'any number chosen'],
    'kept weights alone, beside parts of the rest',
    ...['without it', 'verdict'],
  ];
  const rows = circuits.map((circuit) => {
    const { of } = reader(circuit);
    const failing = Object.entries(circuit.groups).flatMap(([group, holds]) =>
      holds ? [] : [group],
    );
    return [
      ...[`\`${circuit.task}\``, circuit.core, circuit.joined, circuit.edges],
      of('core', 'share', whole),
      ...['core', 'subsets.worst', 'adversary', 'adversary.free'].map((id) =>
        of(id, 'loss', number),
      ),
      ...[byEdges(circuit), of('removed.circuit', 'loss', number)],
      failing.length === 0 ? 'holds' : `not ${failing.join(', not ')}`,
    ];
  });
  return table([head, ...rows]);
}

/**
 * Loss of a core by its kept weights beside random parts of the rest or an adversary's choice, the worse; empty
 * where all weights are kept.
 * @param {Circuit} circuit
 */
function byEdges(circuit) {
  const losses = ['subsets.edges', 'adversary.edges'].flatMap(
    (id) => measured(circuit, id)?.loss ?? [],
  );
  return losses.length === 0 ? '' : number(Math.max(...losses));
}

/** Between these lines pages that are written by hand have what the data say. */
export const MARKS = ['<!-- circuits, by npm run report -->', '<!-- end of circuits -->'];

/**
 * A page with other lines between its marks.
 * @param {string} page
 * @param {string} file what the error calls the page
 * @param {string[]} lines
 */
function between(page, file, lines) {
  const [start, end] = MARKS.map((mark) => page.indexOf(mark));
  if (start < 0 || end < start) throw new Error(`${file} lacks the lines ${MARKS.join(' and ')}`);
  const before = page.slice(0, start + MARKS[0].length);
  return `${before}\n\n${lines.join('\n')}\n${page.slice(end)}`;
}

/**
 * How many circuits hold, in one line.
 * @param {Circuit[]} circuits
 */
function held(circuits) {
  if (circuits.length === 0) return 'No circuit is proven by the strict rule yet.';
  const groups = Object.keys(circuits[0].groups).map(
    (group) => `${group} ${circuits.filter((one) => one.groups[group]).length}`,
  );
  const passed = circuits.filter(({ passes }) => passes).length;
  return `Of ${circuits.length} circuits ${passed} ${passed === 1 ? 'holds' : 'hold'} every criterion. By group: ${groups.join(', ')}.`;
}

/**
 * README with the number of circuits that hold, and how much larger those of the dense twin are.
 * @param {string} readme
 * @param {Models} models
 */
export function withHeadline(readme, models) {
  const enough = enoughInBoth(models);
  const twin =
    enough.length > 0
      ? [
          `Against a dense twin at the same loss: ${lowerFirst(ratioText(enough, 'whose cores are enough in both').trim())} ${fairText(inBoth(models))} Of the ${models.dense.circuits.length} circuits of the dense twin ${models.dense.circuits.filter(({ passes }) => passes).length} hold every criterion.`,
          '',
          ...goalsPart(models),
        ]
      : [];
  const { circuits } = models.sparse;
  const robust = circuits.some((one) => byEdges(one) !== '')
    ? [
        '_Robust_ is of all weights between the nodes of a core; its kept weights alone suffice only while the rest is at its mean.',
        '',
      ]
    : [];
  return between(readme, 'README.md', [held(circuits), '', ...robust, ...twin]);
}

/**
 * The page of the models with its table of circuits made from the data.
 * @param {string} page
 * @param {Models} models
 */
export function withCircuits(page, { sparse, dense }) {
  const { circuits, old } = sparse;
  const missing = withoutCircuit(sparse);
  const lines = [
    ...(circuits.length === 0
      ? [held(circuits), '']
      : [
          ...shortTable(circuits),
          `${held(circuits)} Losses are nats; every number of every proof, and what each failure is, stands in [results](results/README.md).`,
          '',
          `${rangesText(circuits)}`,
          '',
          `${levelsText(circuits)}${effortText(circuits)}`,
          '',
          ...swapText([sparse, dense]),
          ...anywhereText(circuits),
        ]),
    ...(missing.length === 0
      ? []
      : [
          `Solved by the model, but no circuit with a proof ships for ${code(missing)}: \`circuitscope prune TASK --out FILE\` finds one, \`verify FILE --write\` judges it.`,
          '',
        ]),
    ...(old.length === 0
      ? []
      : [
          `Of an older format, shown in the editor and not proven: ${code(old)}. Each is renewed by \`circuitscope prune TASK --out FILE\`.`,
          '',
        ]),
  ];
  return between(page, 'docs/models.md', lines);
}

/**
 * What the table shows over all circuits: the least and the most.
 * @param {Circuit[]} circuits
 */
function rangesText(circuits) {
  const range = (
    /** @type {(circuit: Circuit) => number | undefined} */ value,
    /** @type {(value: number) => string} */ show,
  ) => {
    const found = circuits.flatMap((one) => value(one) ?? []);
    if (found.length === 0) return 'not measured';
    const ends = [Math.min(...found), Math.max(...found)].map(show);
    return ends[0] === ends[1] ? ends[0] : `${ends[0]} to ${ends[1]}`;
  };
  const of =
    (/** @type {string} */ id, /** @type {'loss' | 'share'} */ what) =>
    /** @param {Circuit} one */ (one) =>
      measured(one, id)?.[what];
  const every = (/** @type {Circuit} */ one) =>
    (measured(one, 'core.nodes') ?? measured(one, 'core'))?.share;
  return (
    `With the edges that are kept cores carry ${range(of('core', 'share'), whole)} of the model’s gap, with every weight between their nodes ${range(every, whole)}. ` +
    `With the 16 nodes that an adversary chooses their loss is ${range(of('adversary', 'loss'), number)} nats, with as many as it likes ${range(of('adversary.free', 'loss'), number)}. ` +
    `The fewest nodes, of the numbers tried, that reach the target loss on pairs of the search are ${range((one) => counted(one, 'attribution')?.of, String)} by activation times gradient, and ${range(({ core }) => core, String)} by learned masks. ` +
    neededText(circuits)
  );
}

/**
 * In how many circuits every joined node is needed, of those that were left out one at a time.
 * @param {Circuit[]} circuits
 */
function neededText(circuits) {
  const tried = circuits.flatMap((one) => counted(one, 'minimal') ?? []);
  const whole = tried.filter(({ count, of }) => count === of).length;
  const [needed, all] = [
    tried.reduce((sum, { count }) => sum + count, 0),
    tried.reduce((sum, { of }) => sum + of, 0),
  ];
  return `Of joined nodes left out one at a time (up to 150 of a core) ${needed} of ${all} are needed: without any one of them the core misses its target. In ${whole} of ${tried.length} circuits all of them are.`;
}

/**
 * How many cores keep the target when every node takes one of two levels.
 * @param {Circuit[]} circuits
 */
function levelsText(circuits) {
  const tried = circuits.filter((one) => measured(one, 'levels'));
  if (tried.length === 0) return '';
  const keeping = (/** @type {string} */ id) =>
    tried.filter((one) => (measured(one, id)?.loss ?? Infinity) <= one.proof.target).length;
  return `With every node at one of two levels, which are fitted, ${keeping('levels')} of ${tried.length} cores keep the target loss; of as many random nodes in their place ${keeping('levels.random')} do. `;
}

/**
 * How long the searches took, and in how many it is known that no node more can be dropped.
 * @param {Circuit[]} circuits
 */
function effortText(circuits) {
  const seconds = circuits.map(({ effort }) => effort.seconds);
  const complete = circuits.filter(({ effort }) => effort.complete).length;
  return (
    `The searches took ${Math.min(...seconds)} to ${Math.max(...seconds)} seconds a circuit, ${seconds.filter((one) => one > 180).length} of them more than three minutes; files do not say on how many threads. ` +
    `In ${complete === 0 ? 'none' : complete} of the ${circuits.length} the clean-up went on until no node more could be dropped (\`complete\` in a file); the others ended when more nodes were in question than are measured one by one, so that smaller cores may exist.`
  );
}

/** Share of the way to the other answer that as many random nodes may carry, as the verdict has it. */
export const RANDOM_CARRIES = 0.25;

/**
 * What random nodes carry that are drawn from a core's constants too, and the circuits that would not hold
 * if that were held against them.
 * @param {Circuit[]} circuits
 */
function anywhereText(circuits) {
  const found = circuits.flatMap((one) => {
    const share = measured(one, 'swap.anywhere')?.share;
    return share === undefined ? [] : [{ ...one, share }];
  });
  if (found.length === 0) return [];
  const shares = found.map(({ share }) => share);
  const more = found.filter(({ passes, share }) => passes && share > RANDOM_CARRIES);
  const named = more.map(({ task, share }) => `\`${task}\` (${(100 * share).toFixed(1)} %)`);
  const held = found.filter(({ passes }) => passes).length - more.length;
  return [
    `Drawn from anywhere else, the core’s constants too, as many random nodes carry ${whole(Math.min(...shares))} to ${whole(Math.max(...shares))}. ` +
      (more.length === 0
        ? 'Held to that, every circuit that holds would hold as well.'
        : `Held to at most ${whole(RANDOM_CARRIES)}, as random nodes of the rest are, ${held} of the ${held + more.length} would hold: not ${named.join(', ')}.`),
    '',
  ];
}

/**
 * Where the cause lies in each model: how far answers go with a circuit, with as many random nodes, and
 * with all that is no part of it; the median of its circuits.
 * @param {Model[]} models
 */
function swapText(models) {
  const median = (/** @type {number[]} */ values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const [low, high] = [(sorted.length - 1) >> 1, sorted.length >> 1];
    return (sorted[low] + sorted[high]) / 2;
  };
  const told = models.flatMap(({ bundle, circuits }) => {
    const of = (/** @type {string} */ id) => {
      const found = circuits.flatMap((one) => measured(one, id)?.share ?? []);
      return found.length === 0 ? 'not measured' : whole(median(found));
    };
    if (circuits.length === 0) return [];
    return `in ${bundle.name} ${of('swap.circuit')}, ${of('swap.random')} and ${of('swap.rest')}`;
  });
  return told.length === 0
    ? []
    : [
        `Into the other prompt of a pair answers follow the joined nodes and backups, as many random nodes, and all nodes but core and backups, in the median of the circuits, ${told.join('; ')}.`,
        '',
      ];
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
