/** Edges in words. */
import type { GraphEdge } from '../protocol';

const KINDS: Record<GraphEdge['kind'], string> = {
  weight: 'through a weight',
  residual: 'along the residual stream',
  attention: 'value, through attention',
  key: 'key, moves attention',
  query: 'query, moves attention',
  logit: 'into the logit',
};

/** How an edge leads from one end to the other. */
export function edgeKindText({ kind }: Pick<GraphEdge, 'kind'>): string {
  return KINDS[kind];
}
