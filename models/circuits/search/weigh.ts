/** Gain from dropping a node. */
import type { ModelEdges } from '../../weights/edges';
import type { NodeGates } from './gates';

/** Number of nodes of each gate plus their edges to other nodes, [gate]. */
export function weighNodes(edges: ModelEdges): (gates: NodeGates) => number[] {
  return ({ nodes, places }) => {
    const names = nodes.names();
    const degrees = edges.degrees(names);
    return places.map((own) =>
      own.reduce((sum, place) => sum + 1 + (degrees.get(names[place]) ?? 0), 0),
    );
  };
}
