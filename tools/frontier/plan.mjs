// @ts-check
/**
 * The models of the frontier: one number of nonzero weights at several widths, and several numbers at
 * one width; all of them see the same number of tokens.
 */

/**
 * @typedef {object} Plan
 * @property {number[]} widths channels, of models with `nonzero` weights each
 * @property {number} nonzero weights that are not zero, of those that training prunes
 * @property {number} width channels of the models with more and fewer weights
 * @property {number[]} factors times `nonzero`, at `width`
 * @property {Record<string, unknown>} training fields of the settings that are not the base's
 * @property {number} context tokens in a window
 * @property {string[]} tasks whose circuits are searched
 * @property {number} steps that a search trains its masks
 * @property {number} seconds after which a search is given up
 */

/** @type {Plan} */
export const PLAN = {
  widths: [128, 256, 512],
  nonzero: 150_000,
  width: 256,
  factors: [0.5, 2],
  // 4 M tokens; three in four windows are programs, so that so short a run learns the tasks.
  training: { steps: 1300, idiomShare: 0.75, evalEvery: 100, checkpointEvery: 50 },
  context: 256,
  tasks: [
    'single_double_quote',
    'indent_for',
    'while_return_true',
    'lambda_func',
    'else_elif',
    'if_ternary',
    'if_equals',
    'var_if',
    'bracket_brace',
    'fstring_brace',
    'with_as',
    'for_while',
  ],
  steps: 120,
  seconds: 1200,
};

/**
 * A plan that takes minutes and shows nothing but that all parts work.
 * @type {Plan}
 */
export const TRIAL = {
  widths: [16, 32],
  nonzero: 20_000,
  width: 32,
  factors: [0.5],
  training: {
    ...{ steps: 4, batch: 2, evalEvery: 2, evalWindows: 2, checkpointEvery: 2 },
    ...{ idiomShare: 0.75 },
  },
  context: 64,
  tasks: ['indent_for'],
  steps: 4,
  seconds: 60,
};

/** @typedef {{ name: string, width: number, nonzero: number }} Point one model of a plan */

/**
 * @param {Plan} plan
 * @returns {Point[]}
 */
export function pointsOf({ widths, nonzero, width, factors }) {
  const point = (/** @type {number} */ channels, /** @type {number} */ weights) => ({
    ...{ name: `d${channels}-${Math.round(weights / 1000)}k`, width: channels, nonzero: weights },
  });
  return [
    ...widths.map((channels) => point(channels, nonzero)),
    ...factors.map((factor) => point(width, factor * nonzero)),
  ];
}

/**
 * Numbers of all arrays that training prunes: embeddings, matrices and biases.
 * @param {{ layers: number, vocab: number, dModel: number, dMlp: number, heads: number, dHead: number }} model
 */
export function prunedEntries({ layers, vocab, dModel, dMlp, heads, dHead }) {
  const inner = heads * dHead;
  const matrices = 4 * dModel * inner + 2 * dModel * dMlp;
  const biases = 3 * inner + dModel + dMlp + dModel;
  return 2 * vocab * dModel + layers * (matrices + biases);
}

/**
 * Settings of one model: those of `base`, at another size.
 * @param {any} base settings as `models/training/configs` has them
 * @param {Plan} plan
 * @param {Point} point
 */
export function settingsOf(base, { training, context }, { name, width, nonzero }) {
  const sizes = { dModel: width, heads: width / base.model.dHead, dMlp: 4 * width, context };
  const model = { ...base.model, ...sizes };
  const sparsity = { ...base.sparsity, l0: nonzero / prunedEntries(model) };
  return { ...base, ...training, name, model, sparsity };
}
