/** A prediction: what it is about, how likely its tokens are, and the circuit that makes it. */
import * as v from 'valibot';
import {
  AblationCountSchema,
  KindSchema,
  ModeSchema,
  count,
  nodeName,
  number,
  text,
  token,
} from './values';

export const SubjectSchema = v.object({
  mode: ModeSchema,
  file: text,
  model: text,
  /** The token under the cursor. */
  cursor: v.object({ token, text, line: count, column: count }),
  /** The token at which the prediction is made. */
  reader: v.object({ token, text }),
  /** What the prediction is asked about: the token that follows the reader. */
  target: v.object({ text, observed: v.boolean() }),
  /** The token whose log-probability is taken off the target's; null for none. */
  contrast: v.nullable(v.object({ text })),
  /** The line in which the prediction is made, up to it. */
  line: text,
  /** The same of another text that it is compared with; null without one. */
  other: v.nullable(v.object({ line: text })),
  /** Name of the exported circuit that is drawn as it was measured; null for a prediction of a file. */
  recorded: v.nullable(text),
  /** The dense model that this one is bridged to; null for none. */
  dense: v.nullable(
    v.object({
      name: text,
      /** What it is to be steered by; null while people have not said. */
      node: v.nullable(nodeName),
    }),
  ),
  /** The task's circuit that is drawn; null where the prediction's own is. */
  drawn: v.nullable(
    v.object({
      name: text,
      description: text,
      /** What is known of it: loss, proof. */
      facts: v.array(v.object({ of: text, value: text })),
      /** Prompts it was found for, and the one that is looked at; null for the file. */
      prompts: v.array(v.object({ text, answer: text, other: text })),
      prompt: v.nullable(count),
    }),
  ),
});
export type Subject = v.InferOutput<typeof SubjectSchema>;

export const PredictionSchema = v.object({
  inForce: AblationCountSchema,
  /** Whether `now` is the prediction of another text, not that with the ablations. */
  compared: v.boolean(),
  /** Log-probability of the target, less that of the contrast, without and with the ablations. */
  logprob: v.object({ before: number, now: number, ablated: v.optional(number) }),
  /** Likeliest tokens of either prediction. */
  candidates: v.array(
    v.object({
      /** Token id. */
      id: count,
      text,
      before: number,
      now: number,
      /** In this text with the ablations that are on, where it is compared with another. */
      ablated: v.optional(number),
      observed: v.boolean(),
      target: v.boolean(),
      contrast: v.boolean(),
    }),
  ),
});
export type Prediction = v.InferOutput<typeof PredictionSchema>;

const GraphNodeSchema = v.object({
  /** Unique in the graph. */
  id: text,
  /** Node name where it is a channel of the model. */
  node: v.nullable(text),
  /** A token that is read, the table of bigrams, a channel, a token that is predicted, or many channels. */
  role: v.picklist(['input', 'table', 'channel', 'output', 'group']),
  /** Of a task's circuit: enough by itself, or to be closed beside it; null in a token's circuit. */
  part: v.nullable(v.picklist(['core', 'backup'])),
  /** Of a group: how many nodes it stands for. */
  members: v.optional(count),
  label: text,
  /** A few letters for the picture. */
  short: text,
  /** Columns from left to right are in the order of computation. */
  column: count,
  columnLabel: text,
  /** Of queries, keys and values. */
  head: v.nullable(v.object({ layer: count, head: count })),
  /** Position of the activation. */
  token,
  /** Text of that token, when it is not the reader. */
  at: v.nullable(text),
  /** Without the ablations, and with them. */
  activation: number,
  now: number,
  /** In another text, where two are compared: then the effect is that of putting it into this one. */
  other: v.optional(number),
  /** Measured; null where it is not (yet), and then there is a guess of it to first order. */
  effect: v.nullable(number),
  estimate: v.nullable(number),
});
export type GraphNode = v.InferOutput<typeof GraphNodeSchema>;

export const EdgeSchema = v.object({
  from: text,
  to: text,
  /** As in a token's circuit: within a token, along the residual stream, or from token to token. */
  kind: v.picklist(['weight', 'residual', 'attention', 'key', 'query', 'logit']),
  weight: number,
  /** weight x activation of the source. */
  contribution: number,
  /** Edges that it stands for where nodes are drawn as one: then weights are added up without their signs. */
  count: v.optional(count),
});
export type GraphEdge = v.InferOutput<typeof EdgeSchema>;

export const CircuitSchema = v.object({
  nodes: v.array(GraphNodeSchema),
  edges: v.array(EdgeSchema),
  /** What the model has at this token: active nodes, and nonzero weights between them. */
  total: v.object({ nodes: count, edges: count }),
  /** What is done to a node, at its token alone, to measure its effect. */
  measured: v.object({ kind: KindSchema }),
});
export type Circuit = v.InferOutput<typeof CircuitSchema>;
