/** What a training run needs to know; the file given to `circuitscope train`. */
import * as v from 'valibot';
import { TERMS } from '../bridges/graph';
import { readJson } from '../input';
import { oneLine } from '../oneLine';
import { schemaError } from '../schemaError';
import { TransformerConfigSchema } from '../transformer/config';

/** Every count has a bound: a file must not ask for all memory, or for the endless. */
const upTo = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const count = upTo(1e9);
const windows = upTo(2 ** 16);
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const positive = v.pipe(v.number(), v.gtValue(0));

const TrainingConfigSchema = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[\w-]+$/, 'a name has letters, digits, _ and - only')),
  model: TransformerConfigSchema,
  /** The same seed and replicas give the same run. */
  seed: v.pipe(v.number(), v.integer()),
  steps: count,
  /**
   * Ends the run early, once the held-out losses of ordinary Python and of generated programs
   * (nats/token), weighted by `idiomShare`, are at most this: for models that are to be compared at
   * equal loss. Held-out programs have names of the word lists alone, those trained on wide ones too.
   */
  stopAtLoss: v.optional(positive),
  /** Windows of the model's context in one step. */
  batch: windows,
  /** Threads that each compute a part of every step's gradient. */
  replicas: upTo(256),
  optimizer: v.strictObject({
    /** What updates the matrices inside the layers; everything else has AdamW. */
    matrices: v.picklist(['adamw', 'muon']),
    /** Decay of Muon's momentum. */
    momentum: share,
    /** Peak learning rate of a dense model; divided by sqrt(L0 fraction) as weights become sparse. */
    learningRate: positive,
    beta1: share,
    beta2: share,
    epsilon: positive,
    weightDecay: v.pipe(v.number(), v.minValue(0)),
    /** Gradients are scaled down to this root mean square when they exceed it. */
    clipRms: positive,
    /** Share of the steps over which the learning rate rises. */
    warmup: share,
  }),
  sparsity: v.strictObject({
    /** Fraction of the entries of every sparse array that stay nonzero at the end. */
    l0: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
    /** Share of the steps over which the fraction falls to `l0`. */
    annealUntil: share,
    /** Where the fall begins; 1, the default, is a dense model. */
    annealFrom: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1))),
    /** What is left of the fall goes with this power of the steps left; 1, the default, is linear. */
    annealPower: v.optional(v.pipe(v.number(), v.minValue(1))),
    /** Nonzero weights that every neuron and attention channel keeps at least. */
    minPerChannel: v.pipe(v.number(), v.integer(), v.minValue(0)),
  }),
  /**
   * Neurons that were active at no token for so many steps are begun anew, up to a share of the steps;
   * absent, they stay as they are.
   */
  revive: v.optional(v.strictObject({ every: count, until: share })),
  /** Share of the windows that come from the idiom generator; the rest is ordinary Python. */
  idiomShare: share,
  evalEvery: count,
  /** Held-out windows of each kind in one evaluation. */
  evalWindows: windows,
  checkpointEvery: count,
  /** Trains the model beside a dense one that stays as it is, and bridges between the two. */
  bridge: v.optional(
    v.strictObject({
      /** The dense model: a shipped bundle's name, or the folder of one. */
      dense: v.pipe(v.string(), v.nonEmpty()),
      /** Channels that each encoder keeps, by magnitude. */
      encoderKept: count,
      /** How much each term counts in the loss. */
      weights: v.strictObject(v.entriesFromList(TERMS, v.pipe(v.number(), v.minValue(0)))),
    }),
  ),
  /** ONNX Runtime's execution provider. */
  provider: v.picklist(['cpu', 'webgpu', 'cuda']),
});

/** Settings of one training run. */
export type TrainingConfig = v.InferOutput<typeof TrainingConfigSchema>;

/** Settings from plain data; throws one line that names the first wrong field. */
export function parseTrainingConfig(data: unknown, where: string): TrainingConfig {
  const result = v.safeParse(TrainingConfigSchema, data);
  if (!result.success) {
    const issue = result.issues[0];
    throw new Error(oneLine(`${where}: ${schemaError(issue)}`));
  }
  const config = result.output;
  if (config.batch % config.replicas !== 0) {
    throw new Error(
      `${where}: batch ${config.batch} must be a multiple of replicas ${config.replicas}`,
    );
  }
  if (config.model.positions > config.model.dModel) {
    throw new Error(`${where}: model.positions must be at most model.dModel`);
  }
  return config;
}

/** Settings from a JSON file. */
export function readTrainingConfig(file: string): TrainingConfig {
  return parseTrainingConfig(readJson(file), file);
}

/** Whether held-out losses (nats/token), weighted by `idiomShare`, are low enough to stop. */
export function lossReached(
  { stopAtLoss = 0, idiomShare }: TrainingConfig,
  heldOut: { readonly ordinary: number; readonly idioms: number },
): boolean {
  return (1 - idiomShare) * heldOut.ordinary + idiomShare * heldOut.idioms <= stopAtLoss;
}
