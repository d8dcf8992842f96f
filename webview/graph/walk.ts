/** Walking from node to node by the arrow keys. */
import type { NodeSingular } from 'cytoscape';
import type { Point } from '../layout/types';

/** The way that each arrow key goes. */
export const STEPS: Readonly<Record<string, Point | undefined>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** The node that lies nearest in a direction. */
export function nearest(
  here: NodeSingular,
  nodes: readonly NodeSingular[],
  step: Point,
): NodeSingular | undefined {
  const from = here.position();
  const cost = (node: NodeSingular) => {
    const [dx, dy] = [node.position().x - from.x, node.position().y - from.y];
    const along = dx * step.x + dy * step.y;
    const aside = Math.abs(dx * step.y) + Math.abs(dy * step.x);
    return along <= 1 ? Infinity : along + 2 * aside;
  };
  const [best] = [...nodes].sort((a, b) => cost(a) - cost(b));
  return best && cost(best) < Infinity ? best : undefined;
}
