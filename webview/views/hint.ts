/** One line on the node under the pointer. */
import { signed } from '../format';
import type { GraphNode } from '../protocol';

/** What the node is, how active, and what it is worth. */
export function hintOf(node: GraphNode, ablated: boolean): string {
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
  return `${label}${place}: ${active}${worth}${ablated ? ', ablated' : ''}`;
}
