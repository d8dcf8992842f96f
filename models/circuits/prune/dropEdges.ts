/** Weights between kept nodes that a circuit can do without, found by measurement. */
import type { MaskedModel } from '../../runtime/maskedModel';
import type { Weights } from '../../transformer/parameters';
import { siteWidth } from '../../transformer/config';
import { parseNode } from '../../transformer/nodes';
import { LAYER_MATRICES, type Edge, type ModelEdges } from '../edges';
import type { NodeSet } from '../nodeSet';
import type { Goal } from './goal';

export interface DropEdgesOptions {
  readonly nodes: NodeSet;
  readonly weights: Weights;
  readonly edges: readonly Edge[];
  /** Makes the masked model of the nodes with other weights. */
  readonly open: (weights: Weights) => MaskedModel;
  readonly goal: Goal;
  readonly expired: () => boolean;
}

/** The edges that are left when all are gone whose absence keeps the target; smallest first. */
export async function dropEdges(options: DropEdgesOptions): Promise<Edge[]> {
  const { nodes, weights, open, goal, expired } = options;
  const gone = new Set<Edge>();
  const keeps = async (dropped: Iterable<Edge>) => {
    const model = open(withoutEdges(weights, nodes, dropped));
    try {
      return await goal.keepsAll(model);
    } finally {
      await model.release();
    }
  };
  // A whole group at a time; one that does not go is halved.
  const drop = async (group: readonly Edge[]): Promise<void> => {
    if (group.length === 0 || expired()) return;
    if (await keeps([...gone, ...group])) {
      for (const edge of group) gone.add(edge);
    } else if (group.length > 1) {
      const middle = group.length >> 1;
      await drop(group.slice(0, middle));
      await drop(group.slice(middle));
    }
  };
  await drop([...options.edges].sort((a, b) => Math.abs(a.weight) - Math.abs(b.weight)));
  return options.edges.filter((edge) => !gone.has(edge));
}

/** The weights with some edges at zero; matrices that have none are shared. */
function withoutEdges(
  weights: Weights,
  { config }: NodeSet,
  edges: Iterable<Pick<Edge, 'from' | 'to'>>,
): Weights {
  const changed: Weights = new Map(weights);
  for (const edge of edges) {
    const [from, to] = [parseNode(edge.from, config), parseNode(edge.to, config)];
    const matrix = LAYER_MATRICES.find((m) => m.from === from.site && m.to === to.site);
    if (!matrix || from.layer !== to.layer) {
      throw new Error(`${edge.from} to ${edge.to} is no edge: no weight joins them`);
    }
    const name = `layers.${from.layer}.${matrix.part}.weight`;
    let data = changed.get(name)!;
    if (data === weights.get(name)) {
      data = data.slice();
      changed.set(name, data);
    }
    data[from.index * siteWidth(config, to.site) + to.index] = 0;
  }
  return changed;
}

/** The weights without those edges between a circuit's nodes that it does not have. */
export function circuitWeights(
  weights: Weights,
  nodes: NodeSet,
  edges: readonly Pick<Edge, 'from' | 'to'>[],
  model: ModelEdges,
): Weights {
  const name = ({ from, to }: Pick<Edge, 'from' | 'to'>) => `${from} ${to}`;
  const own = new Set(edges.map(name));
  const missing = model.edgesBetween(nodes.names()).filter((edge) => !own.has(name(edge)));
  return withoutEdges(weights, nodes, missing);
}
