/** A model of which only some weights between a set of nodes are left. */
import type { Means } from '../bundles/weights';
import { siteWidth } from '../transformer/config';
import { siteName } from '../transformer/nodes';
import type { Weights } from '../transformer/parameters';
import { edgeOf, ModelEdges, type Edge } from './edges';
import type { WeightedModel } from './modelWeights';

/**
 * The model's weights without those between two of the nodes that are not among the kept edges. As in a search,
 * a dropped weight carries the mean of what it reads, which is added to the bias. All other weights stay: those
 * of other nodes, and those between a node of the set and one outside.
 * @returns null where a model without biases has nowhere to keep such a mean
 */
export function withKeptEdges(
  { config, weights }: WeightedModel,
  means: Means,
  nodes: Iterable<string>,
  kept: readonly Pick<Edge, 'from' | 'to'>[],
): Weights | null {
  const name = ({ from, to }: Pick<Edge, 'from' | 'to'>) => `${from} ${to}`;
  const left = new Set(kept.map(name));
  const changed = new Map<string, Float32Array>();
  const copyOf = (parameter: string): Float32Array | undefined => {
    const copy = changed.get(parameter) ?? weights.get(parameter)?.slice();
    if (copy) changed.set(parameter, copy);
    return copy;
  };
  for (const dropped of new ModelEdges({ config, weights }).weightsBetween(nodes)) {
    if (left.has(name(edgeOf(dropped)))) continue;
    const { layer, matrix, from, to, weight } = dropped;
    const parameter = `layers.${layer}.${matrix.part}`;
    copyOf(`${parameter}.weight`)![from * siteWidth(config, matrix.to) + to] = 0;
    const constant = weight * means.get(siteName(layer, matrix.from))![from];
    if (constant === 0) continue;
    const bias = copyOf(`${parameter}.bias`);
    if (!bias) return null;
    bias[to] += constant;
  }
  return new Map([...weights, ...changed]);
}
