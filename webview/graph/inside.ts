/** Whether a point lies within a polygon. */
import type { Point } from '../layout/types';

/** By the number of sides that a ray to the right crosses. */
export function inside({ x, y }: Point, corners: readonly Point[]): boolean {
  let within = false;
  corners.forEach((a, i) => {
    const b = corners[(i + 1) % corners.length];
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) within = !within;
  });
  return within;
}
