/** Edges in words. */
import { t } from '../../shared/l10n';
import type { GraphEdge } from '../protocol';

const KINDS: Record<GraphEdge['kind'], string> = {
  weight: t('through a weight'),
  residual: t('along the residual stream'),
  attention: t('value, through attention'),
  key: t('key, shifts attention'),
  query: t('query, shifts attention'),
  logit: t('into the logit'),
};

/** How an edge leads from one end to the other. */
export function edgeKindText({ kind }: Pick<GraphEdge, 'kind'>): string {
  return KINDS[kind];
}
