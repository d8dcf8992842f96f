// @ts-check
/** The figures of the results, as SVG by file name. */
import { counted, edgesOf, inBoth, measured } from './data.mjs';
import { lineChart, matrixChart, rowChart } from '../../models/charts.mjs';

/** @typedef {import('./data.mjs').Model} Model */
/** @typedef {import('./data.mjs').Models} Models */
/** @typedef {import('./data.mjs').Both} Both */
/** @typedef {import('../../models/charts.mjs').Series} Series */

/** @type {Series} */
const SPARSE = { name: 'python-sparse', colour: 'blue' };
/** @type {Series} */
const DENSE = { name: 'python-dense', colour: 'orange' };
/** Losses (nats) below it are drawn there. */
const LEAST_LOSS = 1e-4;

/**
 * All figures that there are measurements for.
 * @param {Models} models
 * @returns {Map<string, string>}
 */
export function figures(models) {
  const both = inBoth(models);
  const drawn = new Map([
    ['tasks.svg', tasksFigure(models)],
    ['kurtosis.svg', kurtosisFigure(models)],
  ]);
  if (models.sparse.circuits.length > 0) drawn.set('proof.svg', proofFigure(models.sparse));
  if (models.dense.circuits.length > 0) drawn.set('proof-dense.svg', proofFigure(models.dense));
  if (both.length > 0) drawn.set('edges.svg', edgesFigure(both));
  for (const [model, ending] of /** @type {const} */ ([
    [models.sparse, ''],
    [models.dense, '-dense'],
  ])) {
    if (model.circuits.length === 0) continue;
    drawn.set(`selective${ending}.svg`, selectiveFigure(model));
    drawn.set(`sizes${ending}.svg`, sizesFigure(model));
  }
  return drawn;
}

/** @param {Models} models */
function tasksFigure({ sparse, dense }) {
  const accuracies = [sparse, dense].map(
    ({ tasks }) => new Map(tasks.map(({ name, accuracy }) => [name, 100 * accuracy])),
  );
  return rowChart({
    title: 'Twenty tasks: how often the right answer is the likelier one',
    axis: 'accuracy on test prompts (%); guessing has 50 %',
    series: [SPARSE, { ...DENSE, mark: 'ring' }],
    rows: sparse.tasks.map(({ name }) => ({
      name,
      values: accuracies.map((accuracy) => accuracy.get(name) ?? null),
    })),
    line: { value: 95, name: 'solved: 95 %' },
  });
}

/** @param {Models} models */
function kurtosisFigure({ sparse, dense }) {
  const points = (/** @type {Model} */ { kurtosis }) =>
    kurtosis.map(({ kurtosis: value }, i) => /** @type {[number, number]} */ ([i, value]));
  return lineChart({
    title: 'How much of the residual stream a few channels carry',
    x: 'after which part of the model',
    y: 'kurtosis over channels, mean over tokens; a normal distribution has 3',
    logY: true,
    names: sparse.kurtosis.map(({ place }) => place),
    series: [
      { ...SPARSE, points: points(sparse) },
      { ...DENSE, points: points(dense) },
    ],
    line: { value: 3, name: 'normal distribution' },
  });
}

/** @param {Both[]} both */
function edgesFigure(both) {
  return rowChart({
    title: 'Edges of the circuit found for a task, at the same task loss',
    axis: 'nonzero weights between the kept nodes; rings: a circuit that fails its proof',
    log: true,
    series: [SPARSE, DENSE],
    rows: both.map(({ task, sparse, dense }) => ({
      name: task,
      values: [sparse, dense].map(edgesOf),
      marks: [sparse, dense].map(({ passes }) => (passes ? 'dot' : 'ring')),
    })),
  });
}

/** The sets of a proof that its figure shows. @type {(Series & { id: string })[]} */
const PROOF_SETS = [
  { id: 'core', name: 'core alone', colour: 'blue' },
  { id: 'whole', name: 'whole model', colour: 'green', mark: 'ring', size: 4 },
  {
    id: 'subsets.worst',
    name: 'parts of the rest put back, worst',
    colour: 'sky',
    mark: 'diamond',
  },
  {
    id: 'adversary',
    name: 'what an adversary chooses put back',
    colour: 'green',
    mark: 'diamond',
  },
  { id: 'removed.circuit', name: 'core and backups removed', colour: 'orange', mark: 'diamond' },
  { id: 'removed.random', name: 'random nodes removed', colour: 'pink', mark: 'tick', size: 6 },
  { id: 'random', name: 'random nodes alone', colour: 'grey', mark: 'tick', size: 9 },
];

/** @param {Model} model */
function proofFigure({ bundle, circuits }) {
  return rowChart({
    title: `${bundle.name}: is the core enough, is the circuit needed?`,
    axis: `strict task loss (nats), ${LEAST_LOSS} where it is less; guessing has 0.69`,
    log: true,
    series: PROOF_SETS,
    rows: circuits.map((circuit) => ({
      name: circuit.task,
      values: PROOF_SETS.map(({ id }) => {
        const one = measured(circuit, id);
        return one ? Math.max(LEAST_LOSS, one.loss) : null;
      }),
    })),
    line: { value: circuits[0].proof.target, name: `target: ${circuits[0].proof.target}` },
  });
}

/** Sizes that a figure shows, by the count that has them. @type {(Series & { id: string })[]} */
const SIZES = [
  { id: 'core', name: 'core', colour: 'blue' },
  { id: 'size.50', name: 'half of the gap', colour: 'sky', mark: 'diamond' },
  { id: 'size.80', name: 'four fifths', colour: 'green', mark: 'ring' },
  { id: 'attribution', name: 'activation x gradient', colour: 'orange', mark: 'diamond' },
  { id: 'cut', name: 'cut', colour: 'pink', mark: 'tick', size: 6 },
];

/** @param {Model} model */
function sizesFigure({ bundle, circuits }) {
  const sizeOf = (/** @type {Model['circuits'][0]} */ circuit, /** @type {string} */ id) => {
    if (id === 'core' || id === 'cut') return Math.max(1, circuit[id]);
    const found = counted(circuit, id);
    return found ? (id === 'attribution' ? found.of : found.count) : null;
  };
  return rowChart({
    title: `${bundle.name}: nodes that carry the answer`,
    axis: 'nodes',
    log: true,
    series: SIZES,
    rows: circuits.map((circuit) => ({
      name: circuit.task,
      values: SIZES.map(({ id }) => sizeOf(circuit, id)),
    })),
  });
}

/** @param {Model} model */
function selectiveFigure({ bundle, circuits, tasks }) {
  return matrixChart({
    title: `${bundle.name}: accuracy on every task without the cut of a circuit`,
    rows: circuits.map(({ task }) => task),
    columns: tasks.map(({ name }) => name),
    values: circuits.map(({ proof }) =>
      tasks.map(({ name }) => proof.selective.find(({ task }) => task === name)?.without ?? null),
    ),
    note: 'row: the circuit whose cut is removed; column: the task; % of prompts, guessing has 50',
  });
}
