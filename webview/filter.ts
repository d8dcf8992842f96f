/** Which part of a circuit is shown. */
import { effectOf } from './effect';
import type { Circuit, GraphEdge, GraphNode } from './protocol';

/** The part that is shown. */
export interface Shown {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Tokens at which one and the same channel is shown at most: else one channel fills the picture. */
const PLACES = 2;

/**
 * The `top` channels of largest effect among those from the threshold (nats) on, each at the tokens
 * where it matters most, with the edges between them and the tokens that these touch. Ablated nodes
 * stay at the token of the prediction, so that they can be kept again.
 */
export function shownPart(
  { nodes, edges }: Circuit,
  threshold: number,
  top: number,
  ablated: ReadonlySet<string>,
): Shown {
  const isOff = ({ node, at }: GraphNode) => node !== null && at === null && ablated.has(node);
  const places = new Map<string | null, number>();
  const channels = nodes
    .filter((node) => node.role === 'channel' && Math.abs(effectOf(node)) >= threshold)
    .sort((a, b) => Math.abs(effectOf(b)) - Math.abs(effectOf(a)))
    .filter(({ node }) => {
      const seen = (places.get(node) ?? 0) + 1;
      places.set(node, seen);
      return seen <= PLACES;
    })
    .slice(0, top);
  const kept = new Set(channels.map(({ id }) => id));
  for (const node of nodes) if (isOff(node)) kept.add(node.id);
  const ends = new Set(nodes.filter(({ role }) => role !== 'channel').map(({ id }) => id));
  const inside = edges.filter(
    ({ from, to }) =>
      (kept.has(from) && (kept.has(to) || ends.has(to))) || (ends.has(from) && kept.has(to)),
  );
  const touched = new Set(inside.flatMap(({ from, to }) => [from, to]));
  return {
    nodes: nodes.filter(({ id }) => kept.has(id) || (ends.has(id) && touched.has(id))),
    edges: inside,
  };
}

/** A threshold (nats) from the slider's 0 to 1, finer where effects are small. */
export function thresholdOf(slider: number, largest: number): number {
  return largest * slider ** 3;
}

/** The slider's place for a threshold. */
export function sliderOf(threshold: number, largest: number): number {
  return largest > 0 ? Math.cbrt(Math.min(1, threshold / largest)) : 0;
}

/** The largest effect (nats) of a circuit. */
export function largestEffect({ nodes }: Circuit): number {
  return nodes.reduce((top, node) => Math.max(top, Math.abs(effectOf(node))), 0);
}
