/**
 * Positions of a layered graph: columns from left to right in the order of computation. Within a column
 * nodes are ordered by the barycentre of their neighbors, which leaves few crossings (Sugiyama,
 * Tagawa and Toda 1981), and then drawn as near to their neighbors as the order and a least
 * distance allow.
 */

/** A node to be placed. */
export interface LayoutNode {
  readonly id: string;
  readonly column: number;
  /** Pixels that it takes; columns of wide nodes stand farther apart. */
  readonly width?: number;
}

/** An edge, heavier where it should be straighter. */
export interface LayoutEdge {
  readonly from: string;
  readonly to: string;
  readonly weight: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where each node is, and where the columns are. */
export interface Layout {
  readonly points: ReadonlyMap<string, Point>;
  readonly columns: readonly { readonly column: number; readonly x: number }[];
  readonly columnGap: number;
}

/** Room for the picture, in pixels. */
export interface Room {
  readonly width: number;
  readonly height: number;
}

const SWEEPS = 12;
const RELAXATIONS = 16;
const COLUMN_GAP = { least: 30, most: 170 };
const ROW_GAP = { least: 34, most: 64 };
const BETWEEN = 12;
/** The picture is drawn out or pressed together towards the room's height by these factors at most. */
const STRETCH = { least: 0.75, most: 1.8 };

interface Link {
  readonly other: string;
  readonly weight: number;
}

/** Places every node; edges whose ends are not among the nodes do not count. */
export function layeredLayout(
  nodes: readonly LayoutNode[],
  edges: readonly LayoutEdge[],
  room: Room,
): Layout {
  const columns = columnsOf(nodes);
  const links = linksOf(nodes, edges);
  const order = fewCrossings(
    columns.map(({ ids }) => ids),
    edges,
    links,
  );
  const tallest = Math.max(1, ...order.map((ids) => ids.length));
  const columnGap = clamp(room.width / Math.max(1, columns.length), COLUMN_GAP);
  const rowGap = clamp(room.height / tallest, ROW_GAP);
  const ys = heights(order, links, rowGap);
  const xs = placesAcross(
    columns.map(({ width }) => width),
    columnGap,
  );
  const all = [...ys.values()];
  const span = Math.max(1, Math.max(...all) - Math.min(...all));
  // A picture that is wider than the room will be drawn smaller.
  const smaller = Math.max(1, xs[xs.length - 1] / room.width || 1);
  const stretch = clamp((room.height * smaller) / span, STRETCH);
  const points = new Map<string, Point>();
  order.forEach((ids, i) => {
    for (const id of ids) points.set(id, { x: xs[i], y: stretch * ys.get(id)! });
  });
  return { points, columns: columns.map(({ column }, i) => ({ column, x: xs[i] })), columnGap };
}

/** Middles of the columns. */
function placesAcross(widths: readonly number[], gap: number): number[] {
  let x = 0;
  return widths.map((width, i) => {
    if (i > 0) x += Math.max(gap, (widths[i - 1] + width) / 2 + BETWEEN);
    return x;
  });
}

/** Pairs of edges between neighboring columns that cross, the longer edges not counted. */
export function crossings(
  order: readonly (readonly string[])[],
  edges: readonly LayoutEdge[],
): number {
  const place = placesOf(order);
  let total = 0;
  for (let i = 0; i + 1 < order.length; i++) {
    const between = edges
      .map(({ from, to }) => [place.get(from), place.get(to)] as const)
      .filter(([a, b]) => a?.column === i && b?.column === i + 1)
      .map(([a, b]) => [a!.row, b!.row] as const)
      .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    total += inversions(
      between.map(([, row]) => row),
      order[i + 1].length,
    );
  }
  return total;
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

/** Columns from left to right, with the width of their widest node. */
function columnsOf(
  nodes: readonly LayoutNode[],
): { column: number; ids: string[]; width: number }[] {
  const found = new Map<number, { column: number; ids: string[]; width: number }>();
  for (const { id, column, width = 0 } of nodes) {
    const own = found.get(column) ?? { column, ids: [], width: 0 };
    own.ids.push(id);
    own.width = Math.max(own.width, width);
    found.set(column, own);
  }
  return [...found.values()].sort((a, b) => a.column - b.column);
}

function linksOf(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): Map<string, Link[]> {
  const links = new Map<string, Link[]>(nodes.map(({ id }) => [id, []]));
  for (const { from, to, weight } of edges) {
    if (!links.has(from) || !links.has(to)) continue;
    links.get(from)!.push({ other: to, weight });
    links.get(to)!.push({ other: from, weight });
  }
  return links;
}

/** Sweeps right and left, each column by the barycentre of what is already swept; the best order wins. */
function fewCrossings(
  start: readonly (readonly string[])[],
  edges: readonly LayoutEdge[],
  links: ReadonlyMap<string, readonly Link[]>,
): readonly (readonly string[])[] {
  let best = start;
  let fewest = crossings(start, edges);
  let order = start.map((ids) => [...ids]);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const right = sweep % 2 === 0;
    order = swept(order, links, right);
    const count = crossings(order, edges);
    if (count >= fewest) continue;
    fewest = count;
    best = order.map((ids) => [...ids]);
  }
  return best;
}

function swept(
  order: readonly (readonly string[])[],
  links: ReadonlyMap<string, readonly Link[]>,
  right: boolean,
): string[][] {
  const result = order.map((ids) => [...ids]);
  const indices = [...result.keys()];
  if (!right) indices.reverse();
  for (const i of indices) {
    const place = placesOf(result);
    const goal = new Map(
      result[i].map((id) => {
        const near = links.get(id)!.filter(({ other }) => {
          const { column } = place.get(other)!;
          return right ? column < i : column > i;
        });
        const own = place.get(id)!.share;
        return [id, weightedMean(near, (other) => place.get(other)!.share) ?? own];
      }),
    );
    result[i].sort((a, b) => goal.get(a)! - goal.get(b)!);
  }
  return result;
}

/** Column, row, and the row as a share of its column, of every node. */
function placesOf(order: readonly (readonly string[])[]) {
  const places = new Map<string, { column: number; row: number; share: number }>();
  order.forEach((ids, column) => {
    ids.forEach((id, row) => places.set(id, { column, row, share: (row + 0.5) / ids.length }));
  });
  return places;
}

/** Heights that keep the order and the distance and are near to those of the neighbors. */
function heights(
  order: readonly (readonly string[])[],
  links: ReadonlyMap<string, readonly Link[]>,
  gap: number,
): Map<string, number> {
  const ys = new Map<string, number>();
  for (const ids of order) {
    ids.forEach((id, row) => ys.set(id, (row - (ids.length - 1) / 2) * gap));
  }
  for (let round = 0; round < RELAXATIONS; round++) {
    for (const ids of round % 2 === 0 ? order : [...order].reverse()) {
      const wanted = ids.map(
        (id, row) =>
          (weightedMean(links.get(id)!, (other) => ys.get(other)!) ?? ys.get(id)!) - row * gap,
      );
      // With the gaps taken out, keeping the distance means not to fall.
      const placed = neverFalling(wanted);
      ids.forEach((id, row) => ys.set(id, placed[row] + row * gap));
    }
  }
  return ys;
}

/** The never falling sequence that is nearest in squares: neighbors that would fall are pooled. */
export function neverFalling(values: readonly number[]): number[] {
  const pools: { mean: number; size: number }[] = [];
  for (const value of values) {
    let pool = { mean: value, size: 1 };
    for (let last = pools.at(-1); last && last.mean > pool.mean; last = pools.at(-1)) {
      pools.pop();
      const size = last.size + pool.size;
      pool = { mean: (last.mean * last.size + pool.mean * pool.size) / size, size };
    }
    pools.push(pool);
  }
  return pools.flatMap(({ mean, size }) => Array<number>(size).fill(mean));
}

function weightedMean(links: readonly Link[], value: (other: string) => number): number | null {
  let sum = 0;
  let weights = 0;
  for (const { other, weight } of links) {
    const own = Math.abs(weight) + 1e-9;
    sum += own * value(other);
    weights += own;
  }
  return weights > 0 ? sum / weights : null;
}

function clamp(value: number, { least, most }: { least: number; most: number }): number {
  return Math.min(most, Math.max(least, value));
}
