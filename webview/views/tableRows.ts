/** Rows of the table: which, and in which order. */
import { effectOf } from '../effect';
import type { Model } from '../model';
import type { GraphEdge, GraphNode } from '../protocol';

export type SortKey = 'label' | 'place' | 'activation' | 'now' | 'effect' | 'edges';

/** By what, and whether the largest come first. */
export interface Sort {
  readonly key: SortKey;
  readonly down: boolean;
}

/** Whether a node has an effect of its own, or one added up. */
export const hasEffect = ({ role }: GraphNode): boolean => role === 'channel' || role === 'group';

/** A node and its number of edges. */
export interface Row {
  readonly node: GraphNode;
  readonly degree: number;
}

/** What is known of nodes beside their numbers. */
type Known = Pick<Model, 'meanings' | 'marks'>;

/** Nodes that have every word of the filter in their label, name, token, meaning, group or note. */
export function matching(
  nodes: readonly GraphNode[],
  filter: string,
  { meanings, marks }: Known,
): GraphNode[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return nodes.filter(({ id, label, node, at }) => {
    const { group = '', note = '' } = marks.nodes.get(id) ?? {};
    const text = [label, node ?? '', at ?? '', meanings.get(node ?? '') ?? '', group, note]
      .join(' ')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Sorted by size, whatever the sign; names in the order of computation. */
export function sortedNodes(
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  { key, down }: Sort,
): Row[] {
  const degrees = new Map<string, number>();
  for (const { from, to } of edges) {
    for (const id of [from, to]) degrees.set(id, (degrees.get(id) ?? 0) + 1);
  }
  const rows = nodes.map((node) => ({ node, degree: degrees.get(node.id) ?? 0 }));
  const size = ({ node, degree }: Row): number => {
    switch (key) {
      case 'label':
        return node.column;
      case 'place':
        return node.token;
      case 'activation':
        return Math.abs(node.activation);
      case 'now':
        return Math.abs(node.other ?? node.now);
      case 'effect':
        return hasEffect(node) ? Math.abs(effectOf(node)) : -1;
      case 'edges':
        return degree;
    }
  };
  const order = down ? -1 : 1;
  return rows.sort(
    (a, b) =>
      order * (size(a) - size(b)) ||
      a.node.label.localeCompare(b.node.label, 'en', { numeric: true }),
  );
}
