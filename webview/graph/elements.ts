/** A circuit as elements for cytoscape: where they are, and what they look like. */
import type { ElementDefinition } from 'cytoscape';
import type { Shown } from '../filter';
import { edgeShares } from '../joining';
import { layeredLayout, ROUTED_EDGES } from '../layout/layered';
import type { Layout } from '../layout/types';
import type { GraphEdge, GraphNode } from '../protocol';
import type { Theme } from '../theme';
import { curveOf, type End } from './curve';
import { PADDING, USUAL_HEIGHT } from './room';
import { edgeLook, nodeLook, nodeWidth, scalesOf, type EdgeLook, type NodeLook } from './style';

/** Whether something is done to a node, or to the weight of an edge. */
export type IsAblated = (one: GraphNode | GraphEdge) => boolean;

/** What all elements look like. */
export interface Looks {
  /** By id. */
  readonly nodes: ReadonlyMap<string, NodeLook>;
  /** By number of the edge. */
  readonly edges: readonly EdgeLook[];
}

/** Id of an edge in the picture. */
export const edgeId = (index: number) => `edge ${index}`;

/** Number of an edge from its id. */
export const edgeIndex = (id: string) => Number(id.slice('edge '.length));

/** What the elements look like, each among the others. */
export function looksOf({ nodes, edges }: Shown, theme: Theme, isAblated: IsAblated): Looks {
  const scales = scalesOf(nodes);
  const shares = edgeShares(edges);
  const look = (node: GraphNode) => nodeLook(theme, scales, node, isAblated(node));
  return {
    nodes: new Map(nodes.map((node) => [node.id, look(node)])),
    edges: edges.map((edge, i) => edgeLook(theme, shares[i], edge, isAblated(edge))),
  };
}

/** A token's nodes stand in its lane; of a task's circuit the core stands above the backups. */
export function laneOf({ part, token }: GraphNode): number {
  return part === null ? token : part === 'core' ? 0 : 1;
}

/** Where everything is in a picture of some width (pixels). */
export function layoutOf({ nodes, edges }: Shown, width: number): Layout {
  const shares = edgeShares(edges);
  const placed = nodes.map((node) => ({ ...node, lane: laneOf(node), width: nodeWidth(node) }));
  const weighted = edges.map(({ from, to }, i) => ({ from, to, weight: shares[i] }));
  return layeredLayout(placed, weighted, {
    width: width - PADDING.left - PADDING.right,
    height: USUAL_HEIGHT,
  });
}

/** The elements, for cytoscape. */
export function elementsOf(
  { nodes, edges, joining }: Shown,
  { points, routes }: Layout,
  looks: Looks,
): ElementDefinition[] {
  const straight = edges.length > ROUTED_EDGES;
  const elements: ElementDefinition[] = nodes.map((node) => ({
    group: 'nodes',
    classes: joining.has(node.id) ? 'joining' : '',
    data: { id: node.id, role: node.role, ...looks.nodes.get(node.id) },
    position: { ...points.get(node.id)! },
  }));
  const widths = new Map(nodes.map((node) => [node.id, nodeWidth(node)]));
  const end = (id: string): End => ({ ...points.get(id)!, half: widths.get(id)! / 2 });
  edges.forEach(({ from, to }, i) => {
    const { weights, distances } = curveOf(end(from), end(to), routes[i]);
    const curve = { curveWeights: weights, curveDistances: distances };
    elements.push({
      group: 'edges',
      classes: straight ? 'straight' : '',
      data: { id: edgeId(i), source: from, target: to, ...curve, ...looks.edges[i] },
    });
  });
  return elements;
}

/** Whether two circuits have the same nodes and edges. */
export function sameIds(a: Shown, b: Shown): boolean {
  const keys = ({ nodes, edges }: Shown) =>
    [
      ...nodes.map(({ id }) => id),
      ...edges.map(({ from, to, kind }) => `${from}>${to}>${kind}`),
    ].join('|');
  return keys(a) === keys(b);
}
