/** The figures of the results, as SVG by file name. */
import { COLOURS, dotChart, lineChart } from './svg.mjs';

const SPARSE = { name: 'python-sparse', colour: COLOURS.blue };
const DENSE = { name: 'python-dense', colour: COLOURS.orange };

/**
 * Circuits that both models have, by task.
 * @param {{circuits?: any[]}} model @param {{circuits?: any[]}} other
 */
export function shared(model, other) {
  const theirs = new Map((other.circuits ?? []).map((c) => [c.task, c]));
  return (model.circuits ?? [])
    .filter((c) => theirs.has(c.task))
    .map((c) => ({ task: c.task, sparse: c, dense: theirs.get(c.task) }));
}

/** @param {number[]} values */
export const geometricMean = (values) =>
  Math.exp(values.reduce((sum, v) => sum + Math.log(Math.max(1, v)), 0) / values.length);

/** @param {{sparse: any, dense: any}} models */
export function figures({ sparse, dense }) {
  const both = shared(sparse, dense);
  const rows = (
    /** @type {any[]} */ circuits,
    /** @type {(c: any) => (number | null)[]} */ values,
  ) => circuits.map((c) => ({ name: c.task, values: values(c) }));
  /** @type {Record<string, string>} */
  const drawn = {
    'tasks.svg': dotChart({
      title: 'Twenty tasks: how often the right completion is likelier',
      axis: 'accuracy on test prompts (%)',
      series: [DENSE, SPARSE],
      rows: sparse.tasks.map((/** @type {any} */ task) => ({
        name: task.name,
        values: [dense, sparse].map((model) => {
          const found = model.tasks.find((/** @type {any} */ t) => t.name === task.name);
          return found ? 100 * found.accuracy : null;
        }),
      })),
      mark: { value: 95, name: '95 %' },
    }),
    'kurtosis.svg': lineChart({
      title: 'A few channels carry the residual stream of the sparse model',
      x: 'place in the residual stream',
      y: 'kurtosis over channels (normal: 3)',
      logY: true,
      names: sparse.kurtosis.map((/** @type {any} */ k) => k.place),
      series: [
        {
          ...SPARSE,
          points: sparse.kurtosis.map((/** @type {any} */ k, /** @type {number} */ i) => [
            i,
            k.kurtosis,
          ]),
        },
        {
          ...DENSE,
          points: dense.kurtosis.map((/** @type {any} */ k, /** @type {number} */ i) => [
            i,
            k.kurtosis,
          ]),
        },
      ],
    }),
  };
  if (both.length > 0) {
    drawn['edges.svg'] = dotChart({
      title: 'Edges of the smallest circuit for a task, at the same task loss',
      axis: 'edges between the kept nodes',
      log: true,
      series: [SPARSE, DENSE],
      rows: both.map((c) => ({
        name: c.task,
        values: [Math.max(1, c.sparse.edges), Math.max(1, c.dense.edges)],
      })),
    });
  }
  if ((sparse.circuits ?? []).length > 0) {
    drawn['proof.svg'] = dotChart({
      title: 'python-sparse: is the circuit enough, and is it needed?',
      axis: 'task loss on test prompts (nats); chance is 0.69',
      log: true,
      series: [
        { name: 'circuit alone', colour: COLOURS.blue },
        { name: 'whole model', colour: COLOURS.green },
        { name: 'circuit removed', colour: COLOURS.orange },
        { name: 'random nodes', colour: COLOURS.grey },
        { name: 'shuffled labels', colour: COLOURS.pink },
        { name: 'random model', colour: COLOURS.sky },
      ],
      rows: rows(sparse.circuits, ({ loss }) =>
        [
          loss.circuit,
          loss.full,
          loss.removed,
          loss.random,
          loss.shuffled_labels,
          loss.random_model,
        ].map((v) => (v === null || v === undefined ? null : Math.max(1e-4, v))),
      ),
      mark: { value: sparse.circuits[0].target, name: 'target' },
    });
  }
  return drawn;
}
