/** Edges that leave and arrive level, as two control points in the way that cytoscape wants them. */
import type { Point } from '../layout';

/** Share of the way, and pixels at least, before an edge turns: outside its node. */
const LEAVING = { share: 0.35, pixels: 18 };

/** Weights along the straight line and distances from it, each for two control points. */
export interface Curve {
  readonly weights: readonly [number, number];
  readonly distances: readonly [number, number];
}

/** The curve from one point to another. */
export function levelCurve(from: Point, to: Point): Curve {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const square = dx * dx + dy * dy;
  if (square < 1) return { weights: [0.3, 0.7], distances: [20, 20] };
  // Within one column there is no room to leave level: the edge bows out to the right.
  if (Math.abs(dx) < 1) {
    const bow = -Math.sign(dy) * Math.min(60, 14 + Math.abs(dy) / 5);
    return { weights: [0.3, 0.7], distances: [bow, bow] };
  }
  const leaving = Math.max(LEAVING.share * Math.abs(dx), LEAVING.pixels) / Math.abs(dx);
  const along = (leaving * dx * dx) / square;
  const away = (leaving * dx * dy) / Math.sqrt(square);
  return { weights: [along, 1 - along], distances: [-away, away] };
}
