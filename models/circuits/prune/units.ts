/** What pruning keeps or drops as one: single nodes, or a query channel with its key channel. */
import { nodeName, type NodeId } from '../../transformer/nodes';
import type { NodeSet } from '../nodeSet';

/** Places in a node set's flat order, by unit. */
export type Units = readonly (readonly number[])[];

/** Units of a node set; tied ones hold the q and the k of one channel of a head. */
export function pairUnits({ nodes }: NodeSet, tied: boolean): Units {
  const units = new Map<string, number[]>();
  nodes.forEach((node, place) => {
    const name = nodeName(tied ? ownerOf(node) : node);
    const unit = units.get(name);
    if (unit) unit.push(place);
    else units.set(name, [place]);
  });
  return [...units.values()];
}

/** The query that stands for a key; any other node stands for itself. */
function ownerOf(node: NodeId): NodeId {
  return node.site === 'attn.k' ? { ...node, site: 'attn.q' } : node;
}
