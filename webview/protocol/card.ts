/** Everything about one node. */
import * as v from 'valibot';
import { count, number, text, token } from './values';

const ExampleSchema = v.object({
  /** Text around the token, and the token. */
  before: text,
  text,
  after: text,
  activation: number,
  /** Where it is: a token of this document, or a name. */
  token: v.nullable(token),
  source: text,
});
export type Example = v.InferOutput<typeof ExampleSchema>;

/** Examples from held-out Python that belong together: around a percentile, or the strongest. */
const GroupSchema = v.object({ percentile: v.nullable(number), examples: v.array(ExampleSchema) });
export type ExampleGroup = v.InferOutput<typeof GroupSchema>;

/** How often a node is how active in held-out Python. */
const ActivitySchema = v.object({
  tokens: count,
  positive: count,
  negative: count,
  /** Tokens by activation from `low` to `high`; those at which it is not active are left out. */
  bins: v.array(count),
  low: number,
  high: number,
});
export type Activity = v.InferOutput<typeof ActivitySchema>;

const NeighborSchema = v.object({
  node: v.nullable(text),
  label: text,
  /** A node's label for what this weight does to it, or for its activation here; null without one. */
  about: v.nullable(text),
  weight: number,
  contribution: v.nullable(number),
});
export type Neighbor = v.InferOutput<typeof NeighborSchema>;

const PushedSchema = v.object({ text, weight: number });

/** What activations of one sign tell, by the bundle's labels, and how good that is. */
const LabelSchema = v.object({ sign: v.picklist(['+', '−']), text, scores: text });

export const CardSchema = v.object({
  /** The node at a token; `at` is the token's text where it is not the reader. */
  node: text,
  token,
  at: v.nullable(text),
  label: text,
  /** At that token, without and with the ablations. */
  activation: number,
  now: number,
  mean: v.nullable(number),
  /** What it tells, empty without an accepted label; null when the bundle does not say. */
  detects: v.nullable(v.array(LabelSchema)),
  /** Change of the target's log-probability (nats) when it is ablated at that token, as measured here. */
  effect: number,
  /** What that ablation does: `→ mean`. */
  ablation: text,
  /** Activation along the document around the reader. */
  strip: v.object({ start: count, texts: v.array(text), values: v.array(number) }),
  strongest: v.array(ExampleSchema),
  /** In this file, at quantiles of the activations that are not zero, from the highest down. */
  spread: v.array(v.object({ quantile: number, example: ExampleSchema })),
  /** From held-out Python; its activity is null when the bundle does not say. */
  heldOut: v.object({
    positive: v.array(GroupSchema),
    negative: v.array(GroupSchema),
    activity: v.nullable(ActivitySchema),
  }),
  /** Largest weight first; the lists may be cut, the counts are whole. */
  reads: v.array(NeighborSchema),
  writes: v.array(NeighborSchema),
  readCount: count,
  writeCount: count,
  /** Tokens whose logits it raises and lowers most, straight through the residual stream. */
  promotes: v.array(PushedSchema),
  suppresses: v.array(PushedSchema),
  /** Tokens whose embeddings alone drive it most in either direction. */
  excitedBy: v.array(PushedSchema),
  inhibitedBy: v.array(PushedSchema),
  head: v.nullable(v.object({ layer: count, head: count })),
  /** Whether a dense model that its model is bridged to can be steered by it. */
  steers: v.boolean(),
});
export type Card = v.InferOutput<typeof CardSchema>;
