/** What dropping a node is worth. */
import type { ModelEdges } from '../../weights/edges';
import type { NodeGates } from './gates';

/** One for each node of a gate and one for each of its edges to the others, [gate]. */
export function weighNodes(edges: ModelEdges): (gates: NodeGates) => number[] {
  return ({ nodes, places }) => {
    const names = nodes.names();
    const degrees = edges.degrees(names);
    return places.map((own) =>
      own.reduce((sum, place) => sum + 1 + (degrees.get(names[place]) ?? 0), 0),
    );
  };
}
