/** Which part of a circuit is shown. */
import { effectOf } from './effect';
import { joining, withoutFaint } from './joining';
import type { Circuit, GraphEdge, GraphNode } from './protocol';

/** The part that is shown. */
export interface Shown {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Ids of those nodes that are there only because they join others. */
  readonly joining: ReadonlySet<string>;
}

/** Tokens at which one and the same channel is shown at most: else one channel fills the picture. */
const PLACES = 2;

/** Nothing. */
export const NOTHING: Shown = { nodes: [], edges: [], joining: new Set() };

/** How much is shown. */
export interface Limits {
  /** Smallest effect (nats). */
  readonly threshold: number;
  /** Most channels. */
  readonly top: number;
  /** Least share of the strongest edge of its kind. */
  readonly strength: number;
}

/**
 * The `top` channels of largest effect among those from the threshold (nats) on, each at the tokens
 * where it matters most, what joins them to the prediction and to the tokens, and the edges between
 * them.
 * @param isKept says which nodes are shown whatever their effect
 */
export function shownPart(
  { nodes, edges }: Circuit,
  { threshold, top, strength }: Limits,
  isKept: (node: GraphNode) => boolean,
): Shown {
  const places = new Map<string | null, number>();
  const chosen = new Set(
    nodes
      .filter((node) => node.role === 'channel' && Math.abs(effectOf(node)) >= threshold)
      .sort((a, b) => Math.abs(effectOf(b)) - Math.abs(effectOf(a)))
      .filter(({ node }) => {
        const seen = (places.get(node) ?? 0) + 1;
        places.set(node, seen);
        return seen <= PLACES;
      })
      .slice(0, top)
      .map(({ id }) => id),
  );
  for (const node of nodes) if (node.role === 'channel' && isKept(node)) chosen.add(node.id);
  const visible = withoutFaint(edges, strength);
  const joined = joining(nodes, visible, chosen);
  const kept = new Set([...chosen, ...joined]);
  const tokens = new Set(nodes.filter(({ id }) => kept.has(id)).map(({ token }) => token));
  const ends = new Set(nodes.filter(({ role }) => role !== 'channel').map(({ id }) => id));
  const isShown = (id: string) => kept.has(id) || ends.has(id);
  const shown =
    kept.size === 0 ? [] : visible.filter(({ from, to }) => isShown(from) && isShown(to));
  const touched = new Set(shown.flatMap(({ from, to }) => [from, to]));
  return {
    nodes: nodes.filter(
      ({ id, role, token }) =>
        kept.has(id) ||
        (ends.has(id) && touched.has(id)) ||
        // Each lane starts with its token.
        (role === 'input' && tokens.has(token)),
    ),
    edges: shown,
    joining: joined,
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
