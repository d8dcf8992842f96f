/** Whether a model has what interventions name, before they are put in force and fail at every pass. */
import { parseNode } from '../transformer/nodes';
import { weightBetween, type EdgeSource } from './edgeEdits';
import type { Intervention } from './interventions';
import { oneLine } from './oneLine';

export interface CheckInterventionsRequest {
  readonly interventions: readonly Pick<Intervention, 'nodes' | 'into'>[];
  /** What an error calls them. */
  readonly where: string;
}

/** @throws one line that names the first node, or the first two that no weight joins */
export function checkInterventions(
  { config, edges }: Pick<EdgeSource, 'config' | 'edges'>,
  { interventions, where }: CheckInterventionsRequest,
): null {
  try {
    for (const { nodes, into } of interventions) {
      for (const node of nodes) parseNode(node, config);
      if (into === undefined) continue;
      parseNode(into, config);
      for (const node of nodes) weightBetween(edges, node, into);
    }
  } catch (error) {
    throw new Error(`${where}: ${oneLine(error)}`, { cause: error });
  }
  return null;
}
