/** How high each vertex stands: near its neighbors, in its order, with its room, within its lane. */
import type { Lane, Order, Piece, Vertex } from './types';

const ROUNDS = 24;
const LANE_GAP = 6;
/** What passes is kept straight, so that the eye can follow it. */
const STRAIGHT = { passing: 12, ending: 3, node: 1 };

/** A neighbor, and how much it pulls. */
interface Pull {
  readonly other: number;
  readonly weight: number;
}

/** Vertices of one column and one lane, with the room that they take from the first on. */
interface Stack {
  readonly own: readonly number[];
  /** Least distance of each from the first, [row]. */
  readonly offsets: readonly number[];
  readonly lane: number;
}

/** Heights (pixels, downwards) of the vertices, and the lanes that hold them. */
export function heights(
  vertices: readonly Vertex[],
  order: Order,
  pieces: readonly Piece[],
): { ys: Float64Array; lanes: readonly Lane[] } {
  const stacks = order.map((column) => stacksOf(column, vertices));
  const lanes = lanesOf(stacks.flat(), vertices);
  const bounds = new Map(lanes.map((lane) => [lane.lane, lane]));
  const pulls = pullsOf(vertices, pieces);
  const ys = new Float64Array(vertices.length);
  for (const stack of stacks.flat()) {
    const { top, bottom } = bounds.get(stack.lane)!;
    const start = (top + bottom - taken(stack, vertices)) / 2 + vertices[stack.own[0]].above;
    stack.own.forEach((vertex, row) => (ys[vertex] = start + stack.offsets[row]));
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const column of round % 2 === 0 ? stacks : [...stacks].reverse()) {
      for (const stack of column) settle(stack, bounds.get(stack.lane)!, vertices, pulls, ys);
    }
  }
  return { ys, lanes };
}

/** Moves a stack to where its neighbors pull it. */
function settle(
  { own, offsets }: Stack,
  { top, bottom }: Lane,
  vertices: readonly Vertex[],
  pulls: readonly (readonly Pull[])[],
  ys: Float64Array,
): void {
  const wanted = own.map((vertex, row) => {
    let [sum, weights] = [0, 0];
    for (const { other, weight } of pulls[vertex]) {
      sum += weight * Math.min(bottom, Math.max(top, ys[other]));
      weights += weight;
    }
    return (weights > 0 ? sum / weights : ys[vertex]) - offsets[row];
  });
  // With the room taken out, keeping the distance means not to fall.
  const placed = neverFalling(wanted);
  const first = top + vertices[own[0]].above;
  const last = bottom - vertices[own[own.length - 1]].below - offsets[own.length - 1];
  own.forEach((vertex, row) => {
    ys[vertex] = Math.min(last, Math.max(first, placed[row])) + offsets[row];
  });
}

function stacksOf(column: readonly number[], vertices: readonly Vertex[]): Stack[] {
  const lanes = new Map<number, number[]>();
  for (const vertex of column) {
    const { lane } = vertices[vertex];
    lanes.set(lane, [...(lanes.get(lane) ?? []), vertex]);
  }
  return [...lanes].map(([lane, own]) => {
    let offset = 0;
    const offsets = own.map((vertex, row) => {
      if (row > 0) offset += vertices[own[row - 1]].below + vertices[vertex].above;
      return offset;
    });
    return { own, offsets, lane };
  });
}

/** Pixels that a stack takes. */
function taken({ own, offsets }: Stack, vertices: readonly Vertex[]): number {
  return vertices[own[0]].above + offsets[own.length - 1] + vertices[own[own.length - 1]].below;
}

/** Lanes one below the other, each as high as its highest stack. */
function lanesOf(stacks: readonly Stack[], vertices: readonly Vertex[]): Lane[] {
  const sizes = new Map<number, number>();
  for (const stack of stacks) {
    sizes.set(stack.lane, Math.max(sizes.get(stack.lane) ?? 0, taken(stack, vertices)));
  }
  let y = 0;
  return [...sizes]
    .sort(([a], [b]) => a - b)
    .map(([lane, size]) => {
      const top = y;
      y = top + size + LANE_GAP;
      return { lane, top, bottom: top + size };
    });
}

function pullsOf(vertices: readonly Vertex[], pieces: readonly Piece[]): Pull[][] {
  const pulls = vertices.map(() => [] as Pull[]);
  for (const { from, to, weight } of pieces) {
    const passing = Number(vertices[from].passing) + Number(vertices[to].passing);
    const stiff = [STRAIGHT.node, STRAIGHT.ending, STRAIGHT.passing][passing];
    const own = stiff * (weight + 0.05);
    pulls[from].push({ other: to, weight: own });
    pulls[to].push({ other: from, weight: own });
  }
  return pulls;
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
