// @ts-check
/** What follows from the models of the frontier: figures, and the trend in words. */
import { lineChart } from '../../models/charts.mjs';

/**
 * @typedef {object} Model one model, measured
 * @property {string} name
 * @property {number} width
 * @property {number} nonzero weights that are not zero, counted, without the bigram table
 * @property {number} total of so many
 * @property {number} tokens seen
 * @property {{ ordinary: number, idioms: number }} heldOut nats/token
 * @property {{ place: string, kurtosis: number }[]} kurtosis of the residual stream
 * @property {{ site: string, active: number, nodes: number }[]} active nodes that are not zero
 * @property {Record<string, number | null>} edges of the circuit of each task; null where none was found
 */

/** Tasks below which a mean of edges says little. */
const ENOUGH_TASKS = 8;

/**
 * Tasks with a circuit in every model.
 * @param {Model[]} models
 */
export function sharedTasks(models) {
  const tasks = Object.keys(models[0]?.edges ?? {});
  return tasks.filter((task) => models.every(({ edges }) => typeof edges[task] === 'number'));
}

/**
 * Geometric mean of the edges over tasks; a circuit without edges counts as one of one.
 * @param {Model} model
 * @param {string[]} tasks
 */
export function meanEdges({ edges }, tasks) {
  const logs = tasks.map((task) => Math.log(Math.max(1, edges[task] ?? 1)));
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}

/** @param {Model} model mean held-out loss of both kinds of text, nats/token */
const lossOf = ({ heldOut }) => (heldOut.ordinary + heldOut.idioms) / 2;

/** @param {Model} model */
const densityOf = ({ nonzero, total }) => nonzero / total;

/** @param {Model} model mean over the places of the residual stream */
export function meanKurtosis({ kurtosis }) {
  return kurtosis.reduce((sum, place) => sum + place.kurtosis, 0) / kurtosis.length;
}

/**
 * The models of either sweep, in order of what differs.
 * @param {Model[]} models
 * @param {import('./plan.mjs').Plan} plan
 */
function sweepsOf(models, { widths, width, nonzero, factors }) {
  const named = (/** @type {string} */ name) => models.filter((model) => model.name === name);
  const name = (/** @type {number} */ channels, /** @type {number} */ weights) =>
    `d${channels}-${Math.round(weights / 1000)}k`;
  const numbers = [...factors, 1].sort((a, b) => a - b);
  return {
    byWidth: widths.flatMap((channels) => named(name(channels, nonzero))),
    byNonzero: numbers.flatMap((factor) => named(name(width, factor * nonzero))),
  };
}

/**
 * Interpretability against capability, and kurtosis against weight density, as SVG by file name.
 * @param {Model[]} models
 * @param {import('./plan.mjs').Plan} plan
 * @returns {Map<string, string>}
 */
export function figures(models, plan) {
  const { byWidth, byNonzero } = sweepsOf(models, plan);
  const tasks = sharedTasks(models);
  const drawn = new Map();
  const line = (/** @type {Model[]} */ sweep, /** @type {(m: Model) => [number, number]} */ at) =>
    sweep.map(at);
  if (tasks.length > 0) {
    const at = (/** @type {Model} */ model) =>
      /** @type {[number, number]} */ ([lossOf(model), meanEdges(model, tasks)]);
    drawn.set(
      'frontier.svg',
      lineChart({
        title: `Edges of circuits against loss, at ${models[0].tokens.toLocaleString('en')} tokens each`,
        x: 'held-out loss (nats/token), mean of ordinary Python and generated programs',
        y: `edges, geometric mean over ${tasks.length} tasks`,
        logY: true,
        series: [
          {
            name: `${plan.widths.join(', ')} channels, ${plan.nonzero} weights`,
            colour: 'blue',
            points: line(byWidth, at),
          },
          {
            ...{ name: `${plan.width} channels, more and fewer weights`, colour: 'orange' },
            ...{ mark: 'ring', points: line(byNonzero, at) },
          },
        ],
      }),
    );
  }
  drawn.set(
    'frontier-kurtosis.svg',
    lineChart({
      title: `How much of the residual stream a few channels carry, ${plan.width} channels`,
      x: 'share of the weights that are not zero',
      y: 'kurtosis over channels, mean over tokens and places; a normal distribution has 3',
      logX: true,
      series: [
        {
          name: `${plan.width} channels`,
          colour: 'blue',
          points: line(byNonzero, (model) => [densityOf(model), meanKurtosis(model)]),
        },
      ],
    }),
  );
  return drawn;
}

/**
 * What the sweeps say, whatever it is.
 * @param {Model[]} models
 * @param {import('./plan.mjs').Plan} plan
 * @returns {string[]} sentences
 */
export function trend(models, plan) {
  const { byWidth, byNonzero } = sweepsOf(models, plan);
  const tasks = sharedTasks(models);
  const sentences = [
    `${tasks.length} tasks have a circuit in every model${tasks.length > 0 ? `: ${tasks.join(', ')}` : ''}.`,
  ];
  if (tasks.length < ENOUGH_TASKS) {
    sentences.push(`That is fewer than ${ENOUGH_TASKS}, so the mean of edges says little.`);
  }
  const from = (/** @type {Model[]} */ sweep, /** @type {string} */ what) => {
    if (sweep.length < 2) return;
    const [first, last] = [sweep[0], sweep[sweep.length - 1]];
    const loss = lossOf(last) - lossOf(first);
    const parts = [`the loss ${changed(loss, Math.abs(loss).toFixed(3))} nats`];
    if (tasks.length > 0) {
      const ratio = meanEdges(last, tasks) / meanEdges(first, tasks);
      parts.push(`circuits have ${ratio.toFixed(2)} times the edges`);
    }
    const spread = meanKurtosis(last) / meanKurtosis(first);
    parts.push(`the kurtosis is ${spread.toFixed(2)} times as high`);
    sentences.push(`From ${first.name} to ${last.name}, ${what}, ${parts.join(', ')}.`);
  };
  from(byWidth, 'wider at one number of weights');
  from(byNonzero, 'more weights at one width');
  return sentences;
}

/**
 * @param {number} difference
 * @param {string} amount
 */
const changed = (difference, amount) => `${difference < 0 ? 'falls' : 'rises'} by ${amount}`;

/**
 * All of it as Markdown.
 * @param {Model[]} models
 * @param {import('./plan.mjs').Plan} plan
 */
export function report(models, plan) {
  const tasks = sharedTasks(models);
  const rows = models.map((model) => [
    model.name,
    model.nonzero,
    `${(100 * densityOf(model)).toFixed(1)} %`,
    model.heldOut.ordinary.toFixed(3),
    model.heldOut.idioms.toFixed(3),
    tasks.length > 0 ? meanEdges(model, tasks).toFixed(0) : 'none',
    meanKurtosis(model).toFixed(2),
  ]);
  const sites = [...new Set(models.flatMap(({ active }) => active.map(({ site }) => plain(site))))];
  const active = models.map((model) => [
    model.name,
    ...sites.map((site) => {
      const own = model.active.filter((one) => plain(one.site) === site);
      const share = own.reduce((sum, one) => sum + one.active / one.nodes, 0) / own.length;
      return `${(100 * share).toFixed(0)} %`;
    }),
  ]);
  return [
    '# The frontier',
    trend(models, plan).join(' '),
    table(
      ['model', 'weights', 'density', 'loss, ordinary', 'loss, programs', 'edges', 'kurtosis'],
      rows,
    ),
    'Share of the nodes that are not zero at a token, mean over layers, by site:',
    table(['model', ...sites], active),
    ...[...figures(models, plan).keys()].map((file) => `![${file}](${file})`),
    '',
  ].join('\n\n');
}

/** @param {string} site of a layer, without the layer */
const plain = (site) => site.replace(/^\d+\./, '');

/**
 * @param {string[]} head
 * @param {(string | number)[][]} rows
 */
function table(head, rows) {
  const line = (/** @type {(string | number)[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
