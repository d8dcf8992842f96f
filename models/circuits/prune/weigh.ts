/** What dropping a node is worth. */
import type { ModelEdges } from '../edges';
import type { NodeSet } from '../nodeSet';

/** One for each node of a set and one for each of its edges to the others, [node]. */
export function weighNodes(nodes: NodeSet, edges: ModelEdges): Float64Array {
  const names = nodes.names();
  const places = new Map(names.map((name, place) => [name, place]));
  const values = new Float64Array(nodes.count).fill(1);
  for (const { from, to } of edges.edgesBetween(names)) {
    values[places.get(from)!]++;
    values[places.get(to)!]++;
  }
  return values;
}
