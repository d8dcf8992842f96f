/** What is remembered of a trace, and what can be read off it. */
import type { SiteActivations, Trace } from '../../models/inference/trace';

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
  return logprobs.byteLength + 8 * countActive({ logprobs, sites }) + 200 * (sites.length + 1);
}

/** The likeliest tokens, likeliest first. */
export function likeliest(logprobs: Float32Array, count: number): number[] {
  const least = nthLargest(logprobs, count);
  const ids = Array.from(logprobs.keys()).filter((id) => logprobs[id] >= least);
  return ids.sort((a, b) => logprobs[b] - logprobs[a]).slice(0, count);
}

/** The smallest of the `n` largest numbers. Thousands are not sorted by a function for few. */
function nthLargest(values: Float32Array | Float64Array, n: number): number {
  return n < values.length ? values.toSorted()[values.length - n] : -Infinity;
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

/** Number of active nodes. */
export function countActive({ sites }: TokenTrace): number {
  return sites.reduce((sum, { indices }) => sum + indices.length, 0);
}

/**
 * Active nodes, strongest first, `limit` at most. Sites have activations of different sizes, so a node
 * counts in multiples of the root mean square of those active at its site.
 */
export function strongestNodes(trace: TokenTrace, limit = Infinity): ActiveNode[] {
  const strengths = new Float64Array(countActive(trace));
  let end = 0;
  for (const { values } of trace.sites) {
    const size = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    for (const value of values) strengths[end++] = Math.abs(value) / size;
  }
  const least = nthLargest(strengths, limit);
  const nodes: (ActiveNode & { readonly strength: number })[] = [];
  let at = 0;
  for (const { site, indices, values } of trace.sites) {
    values.forEach((activation, i) => {
      const strength = strengths[at++];
      if (strength >= least) nodes.push({ node: `${site}.${indices[i]}`, activation, strength });
    });
  }
  nodes.sort((a, b) => b.strength - a.strength);
  return nodes.slice(0, limit).map(({ node, activation }) => ({ node, activation }));
}
