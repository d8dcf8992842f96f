/** Edges that leave and arrive level, as control points of a smooth curve. */
import type { Point } from '../layout/types';

/** Share of the way to the next point, and pixels outside of its node at least, before an edge turns. */
const LEAVING = { share: 0.4, pixels: 6 };

/** An end of an edge: the middle of its node, and half the node's width. */
export interface End extends Point {
  readonly half: number;
}

/** Weights along the straight line and distances from it, one each a control point, for cytoscape. */
export interface Curve {
  readonly weights: readonly number[];
  readonly distances: readonly number[];
}

/**
 * Control points of the edge from one point to another by way of others. The curve consists of
 * parabolas that meet halfway between control points.
 */
export function controlPoints(from: End, to: End, via: readonly Point[]): Point[] {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  // Within one column there is no room to leave level: the edge bows out to the right.
  if (Math.abs(dx) < 1) {
    const bow = Math.min(60, 14 + Math.abs(dy) / 5);
    return [0.3, 0.7].map((share) => ({ x: from.x + bow, y: from.y + share * dy }));
  }
  const first = via[0] ?? to;
  const last = via[via.length - 1] ?? from;
  return [
    { x: from.x + leaving(first.x - from.x, from.half), y: from.y },
    ...via,
    { x: to.x - leaving(to.x - last.x, to.half), y: to.y },
  ];
}

function leaving(dx: number, half: number): number {
  return Math.sign(dx) * Math.max(LEAVING.share * Math.abs(dx), half + LEAVING.pixels);
}

/** The curve as cytoscape wants it. */
export function curveOf(from: End, to: End, via: readonly Point[]): Curve {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  if (length < 1) return { weights: [0.3, 0.7], distances: [20, 20] };
  const points = controlPoints(from, to, via).map(({ x, y }) => ({ x: x - from.x, y: y - from.y }));
  return {
    weights: points.map(({ x, y }) => (x * dx + y * dy) / length ** 2),
    distances: points.map(({ x, y }) => (y * dx - x * dy) / length),
  };
}

/** The curve as the path of an SVG. */
export function pathOf(from: End, to: End, via: readonly Point[]): string {
  const points = controlPoints(from, to, via);
  const pair = ({ x, y }: Point) => `${Math.round(10 * x) / 10} ${Math.round(10 * y) / 10}`;
  const parts = points.map((point, i) => {
    const next = points[i + 1];
    const end = next ? { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 } : to;
    return `Q${pair(point)} ${pair(end)}`;
  });
  return `M${pair(from)}${parts.join('')}`;
}
