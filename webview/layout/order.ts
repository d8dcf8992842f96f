/**
 * Which vertex stands above which: sweeps by the barycentre of the neighbors, then exchanges of two that
 * stand next to each other, as long as either leaves fewer crossings.
 */
import type { Order, Piece, Vertex } from './types';

const SWEEPS = 14;
/** Exchanges take too long beyond this many pieces. */
const EXCHANGED = 1500;
const ROUNDS = 4;

/** Neighbors of every vertex on one side, [vertex]. */
type Sides = readonly (readonly number[])[];

/** The order with the fewest crossings that was found, [column][row]. */
export function fewCrossings(
  vertices: readonly Vertex[],
  columns: number,
  pieces: readonly Piece[],
): Order {
  const before = sides(vertices.length, pieces, 'to', 'from');
  const after = sides(vertices.length, pieces, 'from', 'to');
  let order: number[][] = Array.from({ length: columns }, () => []);
  vertices.forEach(({ rank }, i) => order[rank].push(i));
  const byLane = (a: number, b: number) => vertices[a].lane - vertices[b].lane;
  order = order.map((column) => column.sort(byLane));
  let best = order;
  let fewest = crossings(order, before);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    order = swept(order, vertices, sweep % 2 === 0 ? before : after, sweep % 2 === 0);
    if (pieces.length <= EXCHANGED) exchange(order, vertices, before, after);
    const count = crossings(order, before);
    if (count >= fewest) continue;
    fewest = count;
    best = order;
  }
  return best;
}

/** Pairs of pieces that cross. */
export function crossings(order: Order, before: Sides): number {
  let total = 0;
  for (let rank = 1; rank < order.length; rank++) {
    const row = new Map(order[rank - 1].map((vertex, i) => [vertex, i]));
    const rows = order[rank].flatMap((vertex) =>
      before[vertex].flatMap((other) => row.get(other) ?? []).sort((a, b) => a - b),
    );
    total += inversions(rows, order[rank - 1].length);
  }
  return total;
}

/** Neighbors by vertex. */
export function sides(
  count: number,
  pieces: readonly Piece[],
  own: 'from' | 'to',
  other: 'from' | 'to',
): Sides {
  const found = Array.from({ length: count }, () => [] as number[]);
  for (const piece of pieces) found[piece[own]].push(piece[other]);
  return found;
}

/** Pairs that are out of order, by a binary indexed tree. */
function inversions(rows: readonly number[], size: number): number {
  const tree = new Int32Array(size + 1);
  let total = 0;
  rows.forEach((row, seen) => {
    let notAbove = 0;
    for (let at = row + 1; at > 0; at -= at & -at) notAbove += tree[at];
    total += seen - notAbove;
    for (let at = row + 1; at <= size; at += at & -at) tree[at]++;
  });
  return total;
}

/** Each column by the mean place of its neighbors on the side that the sweep comes from. */
function swept(
  order: Order,
  vertices: readonly Vertex[],
  near: Sides,
  rightwards: boolean,
): number[][] {
  const result = order.map((column) => [...column]);
  const place = new Float64Array(vertices.length);
  const note = (column: readonly number[]) => {
    column.forEach((vertex, row) => (place[vertex] = (row + 0.5) / column.length));
  };
  result.forEach(note);
  const ranks = [...result.keys()];
  if (!rightwards) ranks.reverse();
  for (const rank of ranks) {
    const goal = new Map(
      result[rank].map((vertex) => {
        const others = near[vertex];
        const sum = others.reduce((total, other) => total + place[other], 0);
        return [vertex, others.length > 0 ? sum / others.length : place[vertex]];
      }),
    );
    result[rank].sort((a, b) => vertices[a].lane - vertices[b].lane || goal.get(a)! - goal.get(b)!);
    note(result[rank]);
  }
  return result;
}

/** Exchanges two that stand next to each other in a lane as long as that takes crossings away. */
function exchange(
  order: number[][],
  vertices: readonly Vertex[],
  before: Sides,
  after: Sides,
): void {
  const row = new Int32Array(vertices.length);
  for (const column of order) column.forEach((vertex, i) => (row[vertex] = i));
  let better = true;
  for (let round = 0; better && round < ROUNDS; round++) {
    better = false;
    for (const column of order) {
      for (let i = 0; i + 1 < column.length; i++) {
        const [a, b] = [column[i], column[i + 1]];
        if (vertices[a].lane !== vertices[b].lane) continue;
        const saved =
          crossed(before[a], before[b], row) +
          crossed(after[a], after[b], row) -
          crossed(before[b], before[a], row) -
          crossed(after[b], after[a], row);
        if (saved <= 0) continue;
        [column[i], column[i + 1]] = [b, a];
        [row[a], row[b]] = [i + 1, i];
        better = true;
      }
    }
  }
}

/** Crossings of the pieces of one vertex with those of another below it. */
function crossed(upper: readonly number[], lower: readonly number[], row: Int32Array): number {
  let count = 0;
  for (const a of upper) for (const b of lower) if (row[a] > row[b]) count++;
  return count;
}
