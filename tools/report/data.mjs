// @ts-check
/** What was measured of each model, as docs/results/data/BUNDLE.json has it, and what follows from it. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { ToolError } from '../processes.mjs';

const TaskSchema = v.object({
  name: v.string(),
  pairs: v.number(),
  /** Nats, between the two answers. */
  loss: v.number(),
  accuracy: v.number(),
});

/** What is left of a circuit when only a loss (nats) is to be kept; `loss` is on other prompts. */
const ShrunkSchema = v.object({
  target: v.number(),
  nodes: v.number(),
  edges: v.number(),
  loss: v.number(),
});

const CircuitSchema = v.object({
  task: v.string(),
  /** SHA-256 of the circuit's file, by which it is known again. */
  sha256: v.string(),
  /** What the search was asked for; the seed is that of its prompts and masks. */
  options: v.object({
    seed: v.number(),
    ...{ targetLoss: v.number(), margin: v.number(), trainPairs: v.number() },
    ...{ runs: v.number(), steps: v.number(), seconds: v.number() },
    ...{ tied: v.boolean(), pruneEdges: v.boolean() },
  }),
  /** None where that was not measured yet. */
  shrunk: v.optional(v.array(ShrunkSchema), []),
  nodes: v.number(),
  edges: v.number(),
  target: v.number(),
  loss: v.object({
    full: v.number(),
    circuit: v.number(),
    removed: v.number(),
    random: v.number(),
    shuffled_labels: v.number(),
    random_model: v.number(),
  }),
  interchange: v.number(),
  pairs: v.number(),
  sufficient: v.boolean(),
  necessary: v.boolean(),
  controls: v.boolean(),
  passes: v.boolean(),
});

const ModelSchema = v.object({
  bundle: v.object({ name: v.string(), hash: v.string() }),
  info: v.object({
    layers: v.number(),
    dModel: v.number(),
    nonzero: v.number(),
    total: v.number(),
    tokensSeen: v.number(),
    natsPerToken: v.object({ heldOutOrdinary: v.number(), heldOutIdioms: v.number() }),
  }),
  tasks: v.array(TaskSchema),
  kurtosis: v.array(v.object({ place: v.string(), kurtosis: v.number() })),
  circuits: v.array(CircuitSchema),
});

/** @typedef {v.InferOutput<typeof ModelSchema>} Model */
/** @typedef {v.InferOutput<typeof CircuitSchema>} Circuit */
/** @typedef {{ sparse: Model, dense: Model }} Models */
/** @typedef {{ task: string, sparse: Circuit, dense: Circuit }} Both */

/** Accuracy from which a task counts as solved. */
const SOLVED = 0.95;

/**
 * What was measured of a model.
 * @param {string} file
 * @returns {Model}
 */
export function readModel(file) {
  let data;
  try {
    data = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new ToolError(`${file} is missing or no JSON; run npm run measure`);
  }
  const result = v.safeParse(ModelSchema, data);
  if (result.success) return inOrderOfTasks(result.output);
  const [issue] = result.issues;
  const path = v.getDotPath(issue) ?? 'the file';
  throw new ToolError(`${file}: ${path}: ${issue.message}; run npm run measure to its end`);
}

/**
 * @param {Model} model
 * @returns {Model}
 */
function inOrderOfTasks(model) {
  const order = new Map(model.tasks.map(({ name }, i) => [name, i]));
  const place = (/** @type {Circuit} */ { task }) => order.get(task) ?? order.size;
  return { ...model, circuits: model.circuits.toSorted((a, b) => place(a) - place(b)) };
}

/** @param {Model} model */
export const solvedTasks = ({ tasks }) => tasks.filter(({ accuracy }) => accuracy >= SOLVED);

/**
 * Tasks for which a circuit was found in both models.
 * @param {Models} models
 * @returns {Both[]}
 */
export function inBoth({ sparse, dense }) {
  const theirs = new Map(dense.circuits.map((circuit) => [circuit.task, circuit]));
  return sparse.circuits.flatMap((own) => {
    const other = theirs.get(own.task);
    return other ? [{ task: own.task, sparse: own, dense: other }] : [];
  });
}

/** @param {number[]} values above 0 */
const geometricMean = (values) =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/**
 * Whether the two circuits of a task were pruned with the same settings, whatever the seed.
 * @param {Both} both
 */
export const isFair = ({ sparse, dense }) =>
  JSON.stringify({ ...sparse.options, seed: 0 }) === JSON.stringify({ ...dense.options, seed: 0 });

/**
 * Whether it was with the same seed too, so on the same prompts.
 * @param {Both} both
 */
export const isSameSeed = ({ sparse, dense }) => sparse.options.seed === dense.options.seed;

/** @param {{ edges: number }} circuit one without edges counts as one of one, which a ratio needs */
export const edgesOf = ({ edges }) => Math.max(1, edges);

/**
 * Geometric means over tasks of the edges of both models, and how many times the dense one has more.
 * @param {{ sparse: number, dense: number }[]} edges
 */
export function compare(edges) {
  const sparse = geometricMean(edges.map((both) => both.sparse));
  const dense = geometricMean(edges.map((both) => both.dense));
  return { sparse, dense, ratio: dense / sparse };
}

/**
 * Both models' edges by target loss, over the tasks whose circuits were taken that far in both; losses
 * that fewer than half of them reached are left out.
 * @param {Both[]} both
 */
export function byLoss(both) {
  const targets = both.flatMap(({ sparse }) => sparse.shrunk.map(({ target }) => target));
  return [...new Set(targets)]
    .toSorted((a, b) => a - b)
    .flatMap((target) => {
      const at = (/** @type {Circuit} */ { shrunk }) => shrunk.find((one) => one.target === target);
      const reached = both.flatMap(({ sparse, dense }) => {
        const [own, other] = [at(sparse), at(dense)];
        return own && other ? [{ sparse: edgesOf(own), dense: edgesOf(other) }] : [];
      });
      const enough = reached.length > 0 && 2 * reached.length >= both.length;
      return enough ? [{ target, tasks: reached.length, ...compare(reached) }] : [];
    });
}
