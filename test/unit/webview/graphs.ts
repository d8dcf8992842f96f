/** Circuits for tests of the panel. */
import type { Circuit, GraphEdge, GraphNode } from '../../../webview/protocol';

export function channel(
  id: string,
  column: number,
  effect: number,
  more: Partial<GraphNode> = {},
): GraphNode {
  return {
    ...{
      id,
      node: id,
      role: 'channel',
      head: null,
      part: null,
      label: id,
      short: id,
      column,
      columnLabel: `c${column}`,
    },
    ...{ token: 5, at: null, activation: effect * 2, now: effect * 2, effect, estimate: null },
    ...more,
  };
}

export function end(id: string, role: 'input' | 'output', column: number): GraphNode {
  return channel(id, column, 0, { node: null, role, effect: null });
}

export function edge(from: string, to: string, contribution = 1): GraphEdge {
  return { from, to, kind: 'weight', weight: contribution, contribution };
}

export function circuit(nodes: GraphNode[], edges: GraphEdge[]): Circuit {
  const measured = { kind: { kind: 'mean' } } as const;
  return { nodes, edges, total: { nodes: nodes.length, edges: edges.length }, measured };
}
