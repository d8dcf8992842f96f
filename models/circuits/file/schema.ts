/** The data of a proof: measurements of sets of nodes. The verdict is derived from it (`criteria.ts`). */
import * as v from 'valibot';

const number = v.pipe(v.number(), v.finite());
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** How the nodes outside a set were frozen; `swap`: the set's activations came from the other prompt. */
const ABLATIONS = ['mean', 'zero', 'resample', 'swap', 'none'] as const;

const MeasurementSchema = v.strictObject({
  /** Name by which criteria find it. */
  id: v.string(),
  /** The set, in words. */
  what: v.string(),
  /** Nodes that are open, or whose activations are swapped. */
  nodes: count,
  ablation: v.picklist(ABLATIONS),
  /** Fitted on the measured prompts themselves; the strict rule has scale 1. */
  calibration: v.strictObject({
    rule: v.picklist(['strict', 'free']),
    scale: number,
    shift: number,
  }),
  /** Cross-entropy between the two answers, nats; guessing has ln 2. */
  loss: number,
  /** Share of prompts whose right answer leads, after the shift. */
  accuracy: share,
  /** Share of pairs whose sides are in the right order, whatever the calibration. */
  order: share,
  /** Mean logit difference within a pair, as a share of the whole model's. */
  share: number,
  pairs: count,
  seed: count,
  /** Number of sets of which this one is reported, such as the median. */
  sets: v.optional(count),
  /** Of what a control found: weights between its nodes that are kept. Proofs of earlier versions have none. */
  edges: v.optional(count),
});
/** Measurement of one set of nodes. */
export type Measurement = v.InferOutput<typeof MeasurementSchema>;

const CountSchema = v.strictObject({ id: v.string(), what: v.string(), count: number, of: number });
/** A number out of a total. */
export type Count = v.InferOutput<typeof CountSchema>;

/** How a figure changes with the number of nodes. */
const CurveSchema = v.strictObject({
  id: v.string(),
  what: v.string(),
  points: v.array(v.strictObject({ nodes: count, share: number, order: share })),
});

const SelectiveSchema = v.strictObject({
  task: v.string(),
  /** Accuracy of the whole model, and without the cut, each after its own shift. */
  whole: share,
  without: share,
});

export const ProofSchema = v.strictObject({
  /** The task that the circuit is of; null for a file of pairs. */
  own: v.nullable(v.string()),
  seed: count,
  pairs: count,
  /** Nats. */
  target: number,
  /** False when the proof had to use the pairs of the search too. */
  unseen: v.boolean(),
  measurements: v.array(MeasurementSchema),
  counts: v.array(CountSchema),
  curves: v.array(CurveSchema),
  /** Effect of ablating the cut on every task. */
  selective: v.array(SelectiveSchema),
  seconds: count,
  /** The time ran out before all was measured. */
  stopped: v.boolean(),
});
/** All measurements of a circuit with one seed. */
export type Proof = v.InferOutput<typeof ProofSchema>;

/** The measurement of an id, if there is one. */
export function measured(proof: Proof, id: string): Measurement | undefined {
  return proof.measurements.find((one) => one.id === id);
}

/** The count of an id, if there is one. */
export function counted(proof: Proof, id: string): Count | undefined {
  return proof.counts.find((one) => one.id === id);
}
