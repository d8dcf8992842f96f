/** What is remembered of a trace, and what can be read off it. */
import type { SiteActivations, Trace } from '../../models/runtime/trace';

/** Prediction and active nodes at one token. */
export interface TokenTrace {
  /** Log-probabilities (nats) of the token that follows, [vocab]. */
  readonly logprobs: Float32Array;
  /** Active nodes, in the order of computation. */
  readonly sites: readonly SiteActivations[];
}

/** An active node. */
export interface ActiveNode {
  readonly node: string;
  readonly activation: number;
}

/** The part of a trace that is remembered. */
export function tokenTrace({ logprobs, sites }: Trace): TokenTrace {
  return { logprobs, sites };
}

/** Memory that a trace takes, in bytes. */
export function traceBytes({ logprobs, sites }: TokenTrace): number {
  const nodes = sites.reduce((sum, { indices }) => sum + indices.length, 0);
  return logprobs.byteLength + 8 * nodes + 200 * (sites.length + 1);
}

/** The likeliest tokens, likeliest first. */
export function likeliest(logprobs: Float32Array, count: number): number[] {
  const ids = Array.from(logprobs.keys());
  return ids.sort((a, b) => logprobs[b] - logprobs[a]).slice(0, count);
}

/** How many tokens are likelier, plus one. */
export function rankOf(logprobs: Float32Array, id: number): number {
  return logprobs.reduce((rank, value) => (value > logprobs[id] ? rank + 1 : rank), 1);
}

/** Activation of a node; 0 where it is not active. */
export function activationOf({ sites }: TokenTrace, node: string): number {
  const dot = node.lastIndexOf('.');
  const site = sites.find(({ site }) => site === node.slice(0, dot));
  const at = site?.indices.indexOf(Number(node.slice(dot + 1))) ?? -1;
  return at < 0 ? 0 : site!.values[at];
}

/** Nats as bits. */
export function bits(nats: number): number {
  return nats / Math.LN2;
}

/**
 * Active nodes, strongest first. Sites have activations of different sizes, so a node counts in
 * multiples of the root mean square of those active at its site.
 */
export function strongestNodes({ sites }: TokenTrace): ActiveNode[] {
  const nodes = sites.flatMap(({ site, indices, values }) => {
    const size = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    return Array.from(indices, (index, i) => ({
      node: `${site}.${index}`,
      activation: values[i],
      strength: Math.abs(values[i]) / size,
    }));
  });
  nodes.sort((a, b) => b.strength - a.strength);
  return nodes.map(({ node, activation }) => ({ node, activation }));
}
