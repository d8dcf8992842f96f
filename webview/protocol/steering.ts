/** Steering the dense model that a bridged one stands beside. Shares are probabilities from 0 to 1. */
import * as v from 'valibot';
import { count, nodeName, number, text } from './values';

export const SteeringSchema = v.object({
  node: nodeName,
  label: text,
  /** What the node tells; null where that is not known. */
  about: v.nullable(text),
  /** The dense model's name. */
  dense: text,
  /** From 0 to 1, ascending. */
  strengths: v.array(number),
  /** Tokens by what the dense model gives them; `wanted` is the likeliest of the other text. */
  tokens: v.array(
    v.object({
      id: count,
      text,
      wanted: v.boolean(),
      /** In the other text itself. */
      other: number,
      /** By strength. */
      shares: v.array(number),
    }),
  ),
});
export type Steering = v.InferOutput<typeof SteeringSchema>;

const ShareSchema = v.object({
  ...{ node: nodeName, label: text, share: number },
  /** What the node tells; null where that is not known. */
  about: v.nullable(text),
});

/** Controls of a node at full strength, by the share of the wanted token. */
export const SteeringControlsSchema = v.object({
  node: nodeName,
  /** Random nodes of the same site. */
  random: v.array(ShareSchema),
  /** The best of the dense model's own channels, and how many were tried. */
  channels: v.array(ShareSchema),
  channelCount: count,
});
export type SteeringControls = v.InferOutput<typeof SteeringControlsSchema>;

/** Which nodes bring the dense model to what it predicts of the other text, each alone. */
export const BridgeNodesSchema = v.object({
  wanted: text,
  /** The concept that the labels of the nodes name; null for nodes of any label and none. */
  concept: v.nullable(text),
  /** Share of the wanted token without any node's change. */
  shareWithout: number,
  nodes: v.array(ShareSchema),
  measured: count,
  /** Number of nodes that differ between the texts. */
  differing: count,
});
export type BridgeNodes = v.InferOutput<typeof BridgeNodesSchema>;
