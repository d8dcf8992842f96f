// @ts-check
/** What was measured of each model, as docs/results/data/BUNDLE.json has it, and what follows from it. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { ToolError } from '../processes.mjs';

const TaskSchema = v.object({
  name: v.string(),
  pairs: v.number(),
  /** Nats, between the two answers. */
  loss: v.number(),
  accuracy: v.number(),
});

/** What one set of nodes does on the prompts of a proof; losses in nats. */
const MeasurementSchema = v.object({
  ...{ id: v.string(), what: v.string(), nodes: v.number(), loss: v.number() },
  ...{ accuracy: v.number(), order: v.number(), share: v.number() },
  /** Of what a control found; proofs of earlier versions have none. */
  edges: v.optional(v.number()),
});

export const CircuitSchema = v.object({
  task: v.string(),
  /** SHA-256 of the circuit's file, by which it is known again. */
  sha256: v.string(),
  command: v.string(),
  /** What the search was asked for; the seed is that of its prompts and masks. */
  settings: v.looseObject({
    ...{ seed: v.number(), targetLoss: v.number(), margin: v.number() },
    ...{ runs: v.optional(v.number()), edgeRuns: v.optional(v.number()) },
  }),
  effort: v.object({
    /** Of all searches that made the file, on as many threads as they were given. */
    seconds: v.number(),
    /** Whether it is known that no node more could be dropped. */
    complete: v.boolean(),
  }),
  ...{ core: v.number(), backups: v.number(), cut: v.number() },
  ...{ joined: v.number(), edges: v.number(), allEdges: v.number() },
  /** Whether all criteria of a group hold. */
  groups: v.record(v.string(), v.boolean()),
  passes: v.boolean(),
  words: v.string(),
  proof: v.object({
    ...{ seed: v.number(), pairs: v.number(), target: v.number(), stopped: v.boolean() },
    seconds: v.number(),
    measurements: v.array(MeasurementSchema),
    counts: v.array(v.object({ id: v.string(), count: v.number(), of: v.number() })),
    selective: v.array(v.object({ task: v.string(), whole: v.number(), without: v.number() })),
  }),
  /** Proofs of further seeds; the verdict is of all. */
  repeats: v.optional(v.array(v.object({ seed: v.number() })), []),
});

const CoreSchema = v.object({ nodes: v.number(), edges: v.number() });

/** What searches with many seeds, on the same prompts, came to. */
const UniqueSchema = v.object({
  ...{ task: v.string(), seeds: v.number() },
  /** Of the seeds that found one. */
  cores: v.array(CoreSchema),
  /** Nodes of both by nodes of either, the mean over pairs of cores. */
  jaccard: v.nullable(v.number()),
  /** Nodes that all have. */
  common: v.number(),
  /** Of the seeds that find one without these; of earlier versions that of the first seed alone, or null. */
  withoutCommon: v.union([v.array(CoreSchema), v.nullable(CoreSchema)]),
  /** Found one after the other, each without the nodes of those before. */
  peeled: v.array(CoreSchema),
  peeledAll: v.boolean(),
  stopped: v.boolean(),
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
  unique: v.optional(v.array(UniqueSchema), []),
  /** Tasks whose circuit is of an older format, which proves nothing. */
  old: v.array(v.string()),
});

/** @typedef {v.InferOutput<typeof ModelSchema>} Model */
/** @typedef {v.InferOutput<typeof CircuitSchema>} Circuit */
/** @typedef {v.InferOutput<typeof UniqueSchema>} Unique */
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
  return inOrderOfTasks(checked(ModelSchema, file));
}

/**
 * A file of measurements.
 * @template {v.GenericSchema} S
 * @param {S} schema
 * @param {string} file
 * @returns {v.InferOutput<S>}
 */
export function checked(schema, file) {
  let data;
  try {
    data = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new ToolError(`${file} is missing or no JSON; run npm run measure`);
  }
  const result = v.safeParse(schema, data);
  if (result.success) return result.output;
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
  const place = (/** @type {{ task: string }} */ { task }) => order.get(task) ?? order.size;
  const inOrder = (/** @type {{ task: string }} */ a, /** @type {{ task: string }} */ b) =>
    place(a) - place(b);
  const { circuits, unique } = model;
  return { ...model, circuits: circuits.toSorted(inOrder), unique: unique.toSorted(inOrder) };
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
export const geometricMean = (values) =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/**
 * Whether the two circuits of a task were searched with the same settings and prompts. The bound on time
 * is none of these: it only stops a search, whose file then says so.
 * @param {Both} both
 */
export const isFair = ({ sparse, dense }) => {
  const [own, other] = [sparse, dense].map((circuit) => ({
    ...{ ...circuit.settings, seconds: null },
    edgeRuns: edgeRunsOf(circuit),
  }));
  return isDeepStrictEqual(own, other);
};

/**
 * Searches for edges of which the one that keeps the fewest counts: one a run, unless they were pruned
 * again between the nodes of an earlier search. Files of earlier versions say so in the command alone.
 * @param {Circuit} circuit
 */
function edgeRunsOf({ settings: { edgeRuns, runs }, command }) {
  return edgeRuns ?? Number(/ --nodes-of .* --runs (\d+)/.exec(command)?.[1] ?? runs ?? 1);
}

/**
 * A measurement of a circuit's proof; nothing where it was not made.
 * @param {Circuit} circuit
 * @param {string} id
 */
export const measured = ({ proof }, id) => proof.measurements.find((one) => one.id === id);

/**
 * A count of a circuit's proof, as `3 of 5`.
 * @param {Circuit} circuit
 * @param {string} id
 */
export const counted = ({ proof }, id) => proof.counts.find((one) => one.id === id);

/** @param {{ edges: number }} circuit one without edges counts as one of one, which a ratio needs */
export const edgesOf = ({ edges }) => Math.max(1, edges);

/** Draws of tasks of which the middle 95 % make an interval. */
const DRAWS = 2000;

/**
 * Geometric means over tasks of the edges of both models, and how many times the dense one has more, with
 * the interval in which 95 % of draws of as many tasks with replacement lie, and the ratio without the
 * task that raises it most; null for fewer than three.
 * @param {{ task: string, sparse: number, dense: number }[]} edges
 */
export function compare(edges) {
  const { sparse, dense, ratio } = meansOf(edges);
  const [without] = edges
    .map(({ task }) => ({ task, ratio: meansOf(edges.filter((one) => one.task !== task)).ratio }))
    .sort((a, b) => a.ratio - b.ratio);
  const spread = edges.length < 3 ? null : { interval: intervalOf(edges), without };
  return { sparse, dense, ratio, spread };
}

/** @param {{ sparse: number, dense: number }[]} edges */
function meansOf(edges) {
  const sparse = geometricMean(edges.map((both) => both.sparse));
  const dense = geometricMean(edges.map((both) => both.dense));
  return { sparse, dense, ratio: dense / sparse };
}

/**
 * @param {{ sparse: number, dense: number }[]} edges
 * @returns {[number, number]}
 */
function intervalOf(edges) {
  const ratios = edges.map(({ sparse, dense }) => dense / sparse);
  let state = 1;
  const draw = () => {
    // The same in every report: a linear congruential generator (Numerical Recipes).
    state = (1664525 * state + 1013904223) % 2 ** 32;
    return ratios[Math.floor((ratios.length * state) / 2 ** 32)];
  };
  const means = Array.from({ length: DRAWS }, () => geometricMean(ratios.map(draw)));
  means.sort((a, b) => a - b);
  return [means[Math.floor(0.025 * DRAWS)], means[Math.floor(0.975 * DRAWS)]];
}
