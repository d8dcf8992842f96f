/** One line on the node or the edge under the pointer. */
import { series, t } from '../../shared/l10n';
import { signed } from '../../shared/format';
import type { GraphEdge, GraphNode } from '../protocol';
import { edgeKindText } from './edgeText';

/** What the node is, how active, and what it is worth. */
export function nodeHint(node: GraphNode, ablated: boolean, meaning: string): string {
  const { role, label, at, activation, now, effect, estimate } = node;
  if (role === 'input') {
    return at === null ? t('{0}, where the prediction is made', label) : t('{0}, read', label);
  }
  if (role !== 'channel') return label;
  const active =
    node.other !== undefined
      ? t('{0} here, {1} in the other text', signed(activation), signed(node.other))
      : now === activation
        ? signed(now)
        : `${signed(activation)} → ${signed(now)}`;
  const worth =
    effect !== null
      ? [t('effect {0} nats', signed(effect, 3))]
      : estimate !== null
        ? [t('estimated effect {0} nats', signed(estimate, 3))]
        : [];
  const named = series([label, ...(meaning === '' ? [] : [meaning])]);
  const name = at === null ? named : t('{0} at {1}', named, at);
  return t('{0}: {1}', name, series([active, ...worth, ...(ablated ? [t('ablated')] : [])]));
}

/** What the edge joins, and what it carries. */
export function edgeHint(edge: GraphEdge, name: (id: string) => string): string {
  const { from, to, weight, contribution } = edge;
  return t(
    '{0} → {1} ({2}): weight {3}, carries {4}',
    name(from),
    name(to),
    edgeKindText(edge),
    signed(weight),
    signed(contribution),
  );
}
