/** Everything that a bundle knows of one node, whatever the text. */
import { examplesOf, type Example } from '../bundles/examples';
import { nodeFacts, type NodeFacts } from '../circuits/token/facts';
import { parseNode, siteName } from '../transformer/nodes';
import type { Engine } from './engine';

export interface FactsRequest {
  /** Node name. */
  readonly node: string;
  /** Length of every list at most. */
  readonly count: number;
}

export interface Facts extends NodeFacts {
  /** Mean over the training distribution. */
  readonly mean: number;
  /** Where it is strongest in held-out Python, strongest first; null when the bundle does not say. */
  readonly examples: { readonly positive: Example[]; readonly negative: Example[] } | null;
}

/**
 * Facts of a node.
 * @throws when the model has no such node
 */
export function facts(engine: Engine, { node, count }: FactsRequest): Facts {
  const { config, edges, examples, means } = engine;
  const { layer, site, index } = parseNode(node, config);
  const name = siteName(layer, site);
  return {
    ...nodeFacts(edges, node, count),
    mean: means.get(name)![index],
    examples: examples && examplesOf(examples, config.context, name, index),
  };
}
