/**
 * Positions of a layered graph: columns from left to right in the order of computation, and lanes from
 * top to bottom, one a token. What passes a column on its way takes a place there too, so that it leads
 * around the nodes (Sugiyama, Tagawa and Toda 1981).
 */
import { heights } from './heights';
import { fewCrossings } from './order';
import type { Layout, LayoutEdge, LayoutNode, Piece, Point, Room, Vertex } from './types';

/** With more edges than this they are drawn straight, whatever they pass. */
export const ROUTED_EDGES = 400;
const COLUMN_GAP = { least: 30, most: 150 };
const BETWEEN = 14;
/** Room of a node, its label below included, and of a passing edge. */
const NODE = { above: 15, below: 25 };
const PASSING = { above: 4, below: 4 };
/** The picture is drawn out towards the room's height by this factor at most. */
const MOST_STRETCH = 1.7;

/** Places every node; edges whose ends are not among the nodes have no route. */
export function layeredLayout(
  nodes: readonly LayoutNode[],
  edges: readonly LayoutEdge[],
  room: Room,
): Layout {
  const columns = [...new Set(nodes.map(({ column }) => column))].sort((a, b) => a - b);
  const ranks = new Map(columns.map((column, rank) => [column, rank]));
  const vertices: Vertex[] = nodes.map(({ column, lane }) => ({
    ...{ rank: ranks.get(column)!, lane, passing: false },
    ...NODE,
  }));
  const { pieces, passed } = cut(vertices, nodes, edges);
  const order = fewCrossings(vertices, columns.length, pieces);
  const { ys, lanes } = heights(vertices, order, pieces);
  const xs = placesAcross(widths(nodes, ranks), room.width);
  const bottom = lanes.at(-1)?.bottom ?? 1;
  // A picture that is wider than the room will be drawn smaller.
  const smaller = Math.max(1, (xs.at(-1) ?? 0) / room.width);
  const stretch = Math.min(MOST_STRETCH, Math.max(1, (room.height * smaller) / bottom));
  const point = (vertex: number): Point => ({
    x: xs[vertices[vertex].rank],
    y: stretch * ys[vertex],
  });
  return {
    points: new Map(nodes.map(({ id }, i) => [id, point(i)])),
    routes: passed.map((places) => places.map(point)),
    columns: columns.map((column, rank) => ({ column, x: xs[rank] })),
    lanes: lanes.map(({ lane, top, bottom: end }) => ({
      ...{ lane, top: stretch * top, bottom: stretch * end },
    })),
  };
}

/** Cuts edges at the columns that they pass, where each gets a vertex in the lane of its source. */
function cut(
  vertices: Vertex[],
  nodes: readonly LayoutNode[],
  edges: readonly LayoutEdge[],
): { pieces: Piece[]; passed: number[][] } {
  const indices = new Map(nodes.map(({ id }, i) => [id, i]));
  const pieces: Piece[] = [];
  const passed = edges.map(({ from, to, weight }) => {
    const [start, end] = [indices.get(from), indices.get(to)];
    if (start === undefined || end === undefined) return [];
    const places: number[] = [];
    const { rank, lane } = vertices[start];
    for (let r = rank + 1; edges.length <= ROUTED_EDGES && r < vertices[end].rank; r++) {
      places.push(vertices.push({ rank: r, lane, passing: true, ...PASSING }) - 1);
    }
    const stops = [start, ...places, end];
    stops.slice(1).forEach((stop, i) => pieces.push({ from: stops[i], to: stop, weight }));
    return places;
  });
  return { pieces, passed };
}

/** Width of the widest node of each column. */
function widths(nodes: readonly LayoutNode[], ranks: ReadonlyMap<number, number>): number[] {
  const found = Array<number>(ranks.size).fill(0);
  for (const { column, width = 0 } of nodes) {
    const rank = ranks.get(column)!;
    found[rank] = Math.max(found[rank], width);
  }
  return found;
}

/** Middles of the columns, which share the room evenly as far as wide nodes and the limits allow. */
function placesAcross(wide: readonly number[], room: number): number[] {
  const least = wide.slice(1).map((width, i) => (wide[i] + width) / 2 + BETWEEN);
  let gap = 0;
  let [left, count] = [room - ((wide[0] ?? 0) + (wide.at(-1) ?? 0)) / 2, least.length];
  // What wide nodes need comes off what the others share.
  for (const need of [...least].sort((a, b) => b - a)) {
    gap = left / count;
    if (need <= gap) break;
    left -= need;
    count--;
  }
  gap = Math.min(COLUMN_GAP.most, Math.max(COLUMN_GAP.least, gap));
  let x = 0;
  return wide.map((_, rank) => (x += rank === 0 ? 0 : Math.max(gap, least[rank - 1])));
}
