/** The words and tables of the results. */
import { geometricMean, shared } from './figures.mjs';

/** @param {(string | number)[][]} rows the first is the head */
function table([head, ...rows]) {
  const line = (/** @type {(string | number)[]} */ cells) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (i === 0 ? '---' : '--:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** @param {number | null | undefined} value */
const number = (value) =>
  value === null || value === undefined ? '' : value.toFixed(Math.abs(value) < 10 ? 3 : 1);

/** @param {{sparse: any, dense: any}} models */
function modelTable({ sparse, dense }) {
  const row = (/** @type {any} */ m) => [
    m.bundle.name,
    `\`${m.bundle.hash.slice(0, 12)}\``,
    m.config.layers,
    m.config.dModel,
    m.nonzero.toLocaleString('en'),
    (m.tokensSeen / 1e6).toFixed(1),
    number(m.natsPerToken.heldOutOrdinary),
    number(m.natsPerToken.heldOutIdioms),
  ];
  const head = ['model', 'hash', 'layers', 'channels', 'nonzero', 'M tokens', 'ordinary', 'idioms'];
  return table([head, row(sparse), row(dense)]);
}

/** @param {{sparse: any, dense: any}} models */
function taskTable({ sparse, dense }) {
  const cell = (/** @type {any} */ t) =>
    t ? `${(100 * t.accuracy).toFixed(1)} % (${number(t.loss)})` : '';
  const rows = sparse.tasks.map((/** @type {any} */ task) => [
    task.name,
    cell(task),
    cell(dense.tasks.find((/** @type {any} */ t) => t.name === task.name)),
  ]);
  return table([['task', 'python-sparse', 'python-dense'], ...rows]);
}

/** @param {any[]} circuits */
function circuitTable(circuits) {
  const head = [
    'task',
    'nodes',
    'edges',
    'circuit',
    'full',
    'removed',
    'random',
    'shuffled labels',
    'random model',
    'follows swap',
    'verdict',
  ];
  const rows = circuits.map(({ task, nodes, edges, loss, interchange, verdict }) => [
    task,
    nodes,
    edges,
    ...[
      loss.circuit,
      loss.full,
      loss.removed,
      loss.random,
      loss.shuffled_labels,
      loss.random_model,
    ].map(number),
    typeof interchange === 'number' ? `${(100 * interchange).toFixed(0)} %` : '',
    typeof verdict === 'string' ? verdict : JSON.stringify(verdict),
  ]);
  return table([head, ...rows]);
}

/** @param {{sparse: any, dense: any}} models @param {string[]} drawn file names of the figures */
export function reportText(models, drawn) {
  const { sparse, dense } = models;
  const solved = (/** @type {any} */ m) =>
    m.tasks.filter((/** @type {any} */ t) => t.accuracy >= 0.95).length;
  const both = shared(sparse, dense);
  const figure = (/** @type {string} */ name, /** @type {string} */ words) =>
    drawn.includes(name) ? [`![${words}](${name})`, ''] : [];
  const edges =
    both.length > 0
      ? [
          '## Circuits: sparse against dense',
          '',
          `Over the ${both.length} tasks that have a circuit in both models, the geometric mean is ` +
            `${geometricMean(both.map((c) => c.sparse.edges)).toFixed(1)} edges in python-sparse and ` +
            `${geometricMean(both.map((c) => c.dense.edges)).toFixed(1)} in python-dense: ` +
            `**${(geometricMean(both.map((c) => c.dense.edges)) / geometricMean(both.map((c) => c.sparse.edges))).toFixed(1)} times fewer**.`,
          '',
          ...figure('edges.svg', 'Edges of each task circuit in both models'),
        ]
      : [];
  return [
    '# Results',
    '',
    'Everything here is drawn by `node tools/report.mjs` from `data/*.json`, which `node tools/measure.mjs` makes ' +
      'of what the commands `bundle info`, `task`, `verify` and `kurtosis` print.',
    '',
    '## Models',
    '',
    'Losses are nats per token on held-out text, from the model cards.',
    '',
    modelTable(models),
    '',
    '## Tasks',
    '',
    `Accuracy and loss (nats) between the two completions, on test prompts: python-sparse solves ` +
      `${solved(sparse)} of ${sparse.tasks.length} at 95 %, python-dense ${solved(dense)}.`,
    '',
    ...figure('tasks.svg', 'Accuracy of both models on each task'),
    taskTable(models),
    '',
    ...edges,
    ...((sparse.circuits ?? []).length > 0
      ? [
          '## Proof',
          '',
          'Losses are nats between the two completions on test prompts. “Removed” ablates the circuit alone; ' +
            '“random” keeps as many nodes chosen by chance; “shuffled labels” and “random model” prune the same ' +
            'way where there is nothing to find.',
          '',
          ...figure('proof.svg', 'Losses of each circuit and its controls'),
          '### python-sparse',
          '',
          circuitTable(sparse.circuits),
          '',
          ...((dense.circuits ?? []).length > 0
            ? ['### python-dense', '', circuitTable(dense.circuits), '']
            : []),
        ]
      : []),
    '## Residual stream',
    '',
    ...figure('kurtosis.svg', 'Kurtosis of the residual stream of both models'),
    table([
      ['after', 'python-sparse', 'python-dense'],
      ...sparse.kurtosis.map((/** @type {any} */ k, /** @type {number} */ i) => [
        k.place,
        number(k.kurtosis),
        number(dense.kurtosis[i]?.kurtosis),
      ]),
    ]),
    '',
  ].join('\n');
}
