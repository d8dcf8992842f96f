/** A task's circuit as it is shown: all of it, and a large one by groups that a click opens. */
import { t } from '../shared/l10n';
import { effectOf } from './effect';
import type { Limits, Shown } from './filter';
import type { Circuit, GraphEdge, GraphNode } from './protocol';

/** Edges between what nodes became, by their ids: those that join the same ends are one, and carry the sum. */
export function mergedEdges(
  edges: readonly GraphEdge[],
  idOf: ReadonlyMap<string, string>,
): GraphEdge[] {
  const merged = new Map<string, GraphEdge>();
  for (const edge of edges) {
    const [from, to] = [idOf.get(edge.from) ?? edge.from, idOf.get(edge.to) ?? edge.to];
    const key = `${edge.kind} ${from} ${to}`;
    const before = merged.get(key);
    // One that joins single nodes stays what it is.
    if (!before && !idOf.has(edge.from) && !idOf.has(edge.to)) merged.set(key, edge);
    else
      merged.set(key, {
        ...{ kind: edge.kind, from, to, count: (before?.count ?? 0) + 1 },
        weight: (before?.weight ?? 0) + Math.abs(edge.weight),
        contribution: (before?.contribution ?? 0) + edge.contribution,
      });
  }
  return [...merged.values()];
}

/** Circuits of more nodes than this are grouped. */
const MOST = 150;
const PREFIX = 'group ';

/** Whether an id is that of a group. */
export const isGroup = (id: string): boolean => id.startsWith(PREFIX);

/** Nodes of one part at one column are one group. */
export const autoGroup = ({ part, column }: GraphNode): string =>
  `${PREFIX}${part ?? ''} ${column}`;

/**
 * The circuit with its nodes in groups, except those of the open groups; edges between groups carry the
 * sum of what theirs carry.
 * @param open ids of groups
 * @param apart ids of nodes that are shown by themselves
 */
export function grouped(
  circuit: Circuit,
  open: ReadonlySet<string>,
  apart: ReadonlySet<string> = new Set(),
): Circuit {
  const { nodes, edges } = circuit;
  if (nodes.length <= MOST) return circuit;
  const groups = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    if (node.role !== 'channel' || apart.has(node.id)) continue;
    const own = autoGroup(node);
    groups.set(own, [...(groups.get(own) ?? []), node]);
  }
  const closed = new Map([...groups].filter(([id, own]) => own.length > 1 && !open.has(id)));
  const idOf = new Map(
    [...closed].flatMap(([id, own]) => own.map((node) => [node.id, id] as const)),
  );
  return {
    ...circuit,
    nodes: [
      ...[...closed].map(([id, own]) => groupNode(id, own)),
      ...nodes.filter(({ id }) => !idOf.has(id)),
    ],
    edges: mergedEdges(edges, idOf),
  };
}

function groupNode(id: string, own: readonly GraphNode[]): GraphNode {
  const [{ part, column, columnLabel, token }] = own;
  const mean = (value: (node: GraphNode) => number) =>
    own.reduce((sum, node) => sum + value(node), 0) / own.length;
  return {
    ...{ id, node: null, role: 'group', part, column, columnLabel, token, at: null, head: null },
    label: t('{0}: {1} nodes; click to open', columnLabel.replaceAll('\n', ' '), own.length),
    ...{ short: String(own.length), members: own.length },
    activation: mean(({ activation }) => activation),
    now: mean(({ now }) => now),
    ...{ effect: null, estimate: null },
  };
}

/** The part of a task's circuit that is shown: what is weak is left out when people ask for it only. */
export function drawnPart({ nodes, edges }: Circuit, { threshold, strength }: Limits): Shown {
  const kept = nodes.filter((node) => threshold === 0 || Math.abs(effectOf(node)) >= threshold);
  const ids = new Set(kept.map(({ id }) => id));
  const largest = new Map<string, number>();
  for (const { kind, weight } of edges) {
    largest.set(kind, Math.max(largest.get(kind) ?? 0, Math.abs(weight)));
  }
  return {
    nodes: kept,
    // By weight: what a circuit has is there at a token where it carries nothing, too.
    edges: edges.filter(
      ({ from, to, kind, weight }) =>
        ids.has(from) && ids.has(to) && Math.abs(weight) >= strength * largest.get(kind)!,
    ),
    joining: new Set(),
  };
}
