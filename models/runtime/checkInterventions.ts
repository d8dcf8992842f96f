/** Whether a model has what interventions name, before they are put in force and fail at every pass. */
import type { TransformerConfig } from '../transformer/config';
import { parseNode } from '../transformer/nodes';
import { weightBetween, type EdgeSource } from '../inference/edgeEdits';
import type { Intervention } from '../inference/interventions';
import { oneLine } from '../oneLine';

/** @throws one line that names the first node that a model lacks */
export function checkNodes(
  interventions: CheckInterventionsRequest['interventions'],
  config: TransformerConfig,
): void {
  for (const { nodes, into } of interventions) {
    for (const name of into === undefined ? nodes : [...nodes, into]) parseNode(name, config);
  }
}

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
    checkNodes(interventions, config);
    for (const { nodes, into } of interventions) {
      if (into !== undefined) for (const node of nodes) weightBetween(edges, node, into);
    }
  } catch (error) {
    throw new Error(`${where}: ${oneLine(error)}`, { cause: error });
  }
  return null;
}
