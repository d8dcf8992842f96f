/** What joins the nodes that matter to the tokens and to the prediction. */
import type { GraphEdge, GraphNode } from './protocol';

/** Start of the bigram table's id. */
const TABLE = 'bigram';
/** So many nodes join one to the rest at most. */
const MOST = 2;
/** What a weak edge costs, in nodes: of two ways that are as long the stronger is taken. */
const WEAK = 0.3;

/**
 * Contribution of each edge as a share of the largest of its kind, whose units differ. The bigram
 * table, which outweighs all channels, is measured by itself.
 */
export function edgeShares(edges: readonly GraphEdge[]): number[] {
  const kindOf = ({ kind, from }: GraphEdge) => (from.startsWith(TABLE) ? TABLE : kind);
  const largest = new Map<string, number>();
  for (const edge of edges) {
    const kind = kindOf(edge);
    largest.set(kind, Math.max(largest.get(kind) ?? 0, Math.abs(edge.contribution)));
  }
  return edges.map((edge) => {
    const most = largest.get(kindOf(edge))!;
    return most > 0 ? Math.abs(edge.contribution) / most : 0;
  });
}

/**
 * The edges that can be seen: all but the faint, of which the strongest at either end stay.
 * @param least share of the largest of its kind
 */
export function withoutFaint(edges: readonly GraphEdge[], least: number): GraphEdge[] {
  const shares = edgeShares(edges);
  const strongest = new Map<string, number>();
  const ends = ({ from, to }: GraphEdge) => [`from ${from}`, `to ${to}`];
  edges.forEach((edge, i) => {
    for (const end of ends(edge)) {
      if (shares[i] > (strongest.get(end) ?? -1)) strongest.set(end, shares[i]);
    }
  });
  return edges.filter(
    (edge, i) => shares[i] >= least || ends(edge).some((end) => strongest.get(end) === shares[i]),
  );
}

/**
 * Channels that are not chosen themselves but lie on the shortest ways from the chosen ones on to the
 * prediction, and back to the tokens.
 */
export function joining(
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  chosen: ReadonlySet<string>,
): Set<string> {
  const shares = edgeShares(edges);
  const steps = edges.map(({ from, to }, i) => ({ from, to, cost: WEAK * (1 - shares[i]) }));
  const back = steps.map(({ from, to, cost }) => ({ from: to, to: from, cost }));
  const sorted = [...nodes].sort((a, b) => a.column - b.column);
  const found = new Set<string>();
  for (const id of ways([...sorted].reverse(), steps, chosen, 'output')) found.add(id);
  for (const id of ways(sorted, back, new Set([...chosen, ...found]), 'input')) found.add(id);
  return found;
}

interface Step {
  readonly from: string;
  readonly to: string;
  readonly cost: number;
}

/** @param nodes those at the goal first; every step leads to an earlier one */
function ways(
  nodes: readonly GraphNode[],
  steps: readonly Step[],
  chosen: ReadonlySet<string>,
  goal: GraphNode['role'],
): Set<string> {
  const leaving = new Map<string, Step[]>();
  for (const step of steps) leaving.set(step.from, [...(leaving.get(step.from) ?? []), step]);
  const cost = new Map<string, number>();
  const next = new Map<string, string>();
  for (const { id, role } of nodes) {
    cost.set(id, role === goal ? 0 : Infinity);
    for (const step of leaving.get(id) ?? []) {
      const on = chosen.has(step.to) ? 0 : 1;
      const whole = step.cost + (cost.get(step.to) ?? Infinity) + on;
      if (whole >= cost.get(id)!) continue;
      cost.set(id, whole);
      next.set(id, step.to);
    }
  }
  const ends = new Set(nodes.filter(({ role }) => role !== 'channel').map(({ id }) => id));
  const found = new Set<string>();
  for (const start of chosen) {
    const way: string[] = [];
    // The way ends where it meets what has one of its own.
    for (let at = next.get(start); at !== undefined && !ends.has(at); at = next.get(at)) {
      if (chosen.has(at)) break;
      way.push(at);
    }
    if (way.length <= MOST) for (const id of way) found.add(id);
  }
  return found;
}
