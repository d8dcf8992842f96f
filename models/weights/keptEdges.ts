/** A model of which only some weights between a set of nodes are left. */
import { siteWidth } from '../transformer/config';
import type { Weights } from '../transformer/parameters';
import { edgeOf, ModelEdges, type Edge } from './edges';
import type { WeightedModel } from './modelWeights';

/**
 * The model's weights with every weight between two of the nodes at zero that is not among the kept edges.
 * All others stay: those of other nodes, and those between a node of the set and one outside.
 */
export function withKeptEdges(
  { config, weights }: WeightedModel,
  nodes: Iterable<string>,
  kept: readonly Pick<Edge, 'from' | 'to'>[],
): Weights {
  const name = ({ from, to }: Pick<Edge, 'from' | 'to'>) => `${from} ${to}`;
  const left = new Set(kept.map(name));
  const changed = new Map<string, Float32Array>();
  for (const weight of new ModelEdges({ config, weights }).weightsBetween(nodes)) {
    if (left.has(name(edgeOf(weight)))) continue;
    const { layer, matrix, from, to } = weight;
    const parameter = `layers.${layer}.${matrix.part}.weight`;
    const data = changed.get(parameter) ?? weights.get(parameter)!.slice();
    data[from * siteWidth(config, matrix.to) + to] = 0;
    changed.set(parameter, data);
  }
  return new Map([...weights, ...changed]);
}
