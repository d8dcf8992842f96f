/** Gates on single weights between the nodes of a circuit. */
import { MaskedModel, type MaskedModelOptions } from '../../inference/maskedModel';
import { siteName } from '../../transformer/nodes';
import type { MatrixEdges } from '../../transformer/narrowing';
import { edgeOf, type Edge, type ModelEdges, type Weight } from '../../weights/edges';
import type { NodeSet } from '../../transformer/nodeSet';
import { Spread, type GatedModel, type GateSet } from './gates';

/** A gate on each of some weights; the nodes that they join are open. */
export class EdgeGates implements GateSet<EdgeGates> {
  readonly sizes: Uint8Array;
  readonly names: readonly string[];

  /** @param weights in the order of layers and matrices, as `ModelEdges` gives them */
  constructor(
    readonly nodes: NodeSet,
    readonly weights: readonly Weight[],
  ) {
    this.sizes = new Uint8Array(weights.length).fill(1);
    this.names = weights.map((weight) => {
      const { from, to } = edgeOf(weight);
      return `${from} ${to}`;
    });
  }

  get count(): number {
    return this.weights.length;
  }

  filter(keep: (gate: number) => boolean): EdgeGates {
    return new EdgeGates(
      this.nodes,
      this.weights.filter((_, gate) => keep(gate)),
    );
  }

  edges(): Edge[] {
    return this.weights.map(edgeOf);
  }
}

/**
 * Edge gates over all weights between the nodes of a circuit; those that a search has dropped stay closed.
 */
export class EdgeSpace {
  readonly all: EdgeGates;
  private readonly edges: ReadonlyMap<string, MatrixEdges>;
  private readonly places: ReadonlyMap<string, number>;

  constructor(
    nodes: NodeSet,
    edges: ModelEdges,
    private readonly options: Omit<MaskedModelOptions, 'nodes' | 'edges'>,
  ) {
    this.all = new EdgeGates(nodes, edges.weightsBetween(nodes.names()));
    this.edges = matrixEdges(this.all.weights);
    this.places = new Map(this.all.names.map((name, place) => [name, place]));
  }

  /** The model of some of the gates; the others are closed. */
  open(gates: EdgeGates): GatedModel {
    const { all, edges, places } = this;
    const model = new MaskedModel({ ...this.options, nodes: all.nodes, edges });
    if (gates.count === all.count) return model;
    return new Spread(
      model,
      gates.names.map((name) => [places.get(name)!]),
      all.count,
    );
  }
}

/** Weights by matrix, in their order. */
function matrixEdges(weights: readonly Weight[]): Map<string, MatrixEdges> {
  const groups = new Map<string, Weight[]>();
  for (const weight of weights) {
    const name = `layers.${weight.layer}.${weight.matrix.part}`;
    const own = groups.get(name);
    if (own) own.push(weight);
    else groups.set(name, [weight]);
  }
  return new Map(
    [...groups].map(([name, own]) => [
      name,
      {
        fromSite: siteName(own[0].layer, own[0].matrix.from),
        from: Int32Array.from(own, ({ from }) => from),
        to: Int32Array.from(own, ({ to }) => to),
        weights: Float32Array.from(own, ({ weight }) => weight),
      },
    ]),
  );
}
