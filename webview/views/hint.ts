/** One line on the node or the edge under the pointer. */
import { signed } from '../format';
import type { GraphEdge, GraphNode } from '../protocol';
import { edgeKindText } from './edgeText';

/** What the node is, how active, and what it is worth. */
export function nodeHint(node: GraphNode, ablated: boolean, meaning: string): string {
  const { role, label, at, activation, now, effect, estimate } = node;
  const place = at === null ? '' : ` at ${at}`;
  if (role === 'input')
    return at === null ? `${label}, where the prediction is made` : `${label}, read`;
  if (role !== 'channel') return label;
  const active = now === activation ? signed(now) : `${signed(activation)} → ${signed(now)}`;
  const worth =
    effect !== null
      ? `, effect ${signed(effect, 3)} nats`
      : estimate !== null
        ? `, effect about ${signed(estimate, 3)} nats`
        : '';
  const about = meaning === '' ? '' : `, ${meaning}`;
  return `${label}${about}${place}: ${active}${worth}${ablated ? ', ablated' : ''}`;
}

/** What the edge joins, and what it carries. */
export function edgeHint(edge: GraphEdge, nodeOf: (id: string) => GraphNode | undefined): string {
  const name = (id: string) => nodeOf(id)?.label ?? id;
  const { from, to, weight, contribution } = edge;
  const carried = `weight ${signed(weight)}, carries ${signed(contribution)}`;
  return `${name(from)} → ${name(to)} (${edgeKindText(edge)}): ${carried}`;
}
