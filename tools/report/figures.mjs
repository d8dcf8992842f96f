// @ts-check
/** The figures of the results, as SVG by file name. */
import { byLoss, edgesOf, inBoth } from './data.mjs';
import { lineChart, rowChart } from './svg.mjs';

/** @typedef {import('./data.mjs').Model} Model */
/** @typedef {import('./data.mjs').Models} Models */
/** @typedef {import('./data.mjs').Both} Both */
/** @typedef {import('./svg.mjs').Series} Series */

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
  if (byLoss(both).length > 1) drawn.set('loss-edges.svg', lossEdgesFigure(both));
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

/** @param {Both[]} both */
function lossEdgesFigure(both) {
  const means = byLoss(both);
  const tasks = both.flatMap(({ sparse, dense }) =>
    [
      { circuit: sparse, ...SPARSE },
      { circuit: dense, ...DENSE },
    ].map(({ circuit, ...series }) => {
      const points = circuit.shrunk.map(
        (one) => /** @type {[number, number]} */ ([edgesOf(one), one.target]),
      );
      return { ...series, points, faint: true };
    }),
  );
  const bold = [
    { ...SPARSE, of: means.map(({ sparse }) => sparse) },
    { ...DENSE, of: means.map(({ dense }) => dense) },
  ].map(({ of, ...series }) => ({
    ...series,
    points: means.map(({ target }, i) => /** @type {[number, number]} */ ([of[i], target])),
  }));
  return lineChart({
    title: 'Task loss against the edges of the circuit',
    x: 'edges; bold: geometric mean over the tasks, faint: each task',
    y: 'task loss that is kept (nats); guessing has 0.69',
    logX: true,
    series: [...tasks.filter(({ points }) => points.length > 1), ...bold],
    line: { value: both[0].sparse.target, name: 'target of the circuits' },
  });
}

/** @param {Model} model */
function proofFigure({ bundle, circuits }) {
  return rowChart({
    title: `${bundle.name}: is the circuit enough, is it needed, is there something to find?`,
    axis: `task loss on test prompts (nats), ${LEAST_LOSS} where it is less; guessing has 0.69`,
    log: true,
    series: [
      { name: 'circuit alone', colour: 'blue' },
      { name: 'whole model', colour: 'green', mark: 'ring', size: 4 },
      { name: 'circuit removed', colour: 'orange', mark: 'diamond' },
      // The longest first: they are most often at the same place.
      { name: 'random nodes', colour: 'grey', mark: 'tick', size: 9 },
      { name: 'shuffled labels', colour: 'pink', mark: 'tick', size: 6 },
      { name: 'random model', colour: 'sky', mark: 'tick', size: 3 },
    ],
    rows: circuits.map(({ task, loss }) => ({
      name: task,
      values: [
        loss.circuit,
        loss.full,
        loss.removed,
        loss.random,
        loss.shuffled_labels,
        loss.random_model,
      ].map((value) => Math.max(LEAST_LOSS, value)),
    })),
    line: { value: circuits[0].target, name: `target: ${circuits[0].target}` },
  });
}
