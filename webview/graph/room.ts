/** How much room the picture takes. */
import type { Layout } from '../layout/layered';

/** Larger than this nothing gets by itself. */
export const MOST_ZOOM = 1.25;
export const PADDING = { left: 10, right: 10, top: 50, bottom: 8 };
/** Pixels that the picture is high at least and at most, and what it is drawn out towards. */
export const HEIGHT = { least: 300, usual: 400, most: 900 };

/** Pixels that a picture needs in height at some width, within limits. */
export function heightOf({ points, lanes }: Layout, width: number): number {
  const xs = [...points.values()].map(({ x }) => x);
  const zoom = Math.min(MOST_ZOOM, width / (Math.max(1, ...xs) + 60));
  const wanted = zoom * (lanes.at(-1)?.bottom ?? 0) + PADDING.top + PADDING.bottom;
  return Math.ceil(Math.min(HEIGHT.most, Math.max(HEIGHT.least, wanted)));
}
