/**
 * Gates on a model's nodes or weights. Only what some gates can open is computed: matrices lose the rows of
 * nodes that are always closed, whose means become one constant row.
 */
import type { Value } from '../graph/ir';
import * as ops from '../graph/ops';
import { FINAL_SITE, siteWidth, type Site, type TransformerConfig } from './config';
import type { Tap } from './model';
import { allSites } from './nodes';
import { parameterSpecs, type Weights } from './parameters';
import { storedArray } from './storedWeights';

/** What a mask graph is made of. */
export interface MaskedModel {
  readonly config: TransformerConfig;
  readonly weights: Weights;
  /** What closed nodes are frozen at, [node] by site name. */
  readonly means: ReadonlyMap<string, Float32Array>;
  /** Tokens that answers are made of; the graph scores no others. */
  readonly answers: readonly number[];
  /**
   * Nodes that have a gate, by site name, ascending; all others are closed, but for those of
   * `final_resid` where none of them has a gate: then it is as the model has it.
   */
  readonly nodes: ReadonlyMap<string, Int32Array>;
  /** When given, weights between those nodes have the gates, by matrix, and the nodes are open. */
  readonly edges?: ReadonlyMap<string, MatrixEdges>;
}

/** Weights of a matrix `layers.L.{part}`, [edge] each. */
export interface MatrixEdges {
  /** Sites that it joins. */
  readonly fromSite: string;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly weights: Float32Array;
}

/** How the model with gates is computed. */
export interface Way {
  /** Its gradient is asked for. */
  readonly differentiable?: boolean;
  /**
   * When given, the nodes with gates are open, and what this makes of their activations
   * [batch, pos, gate] stands in their place.
   */
  readonly replace?: (site: string, activations: Value) => Value;
}

function constants(
  shapes: ReadonlyMap<string, readonly number[]>,
  weights: Weights,
): Map<string, Value> {
  return new Map(
    [...shapes].map(([name, shape]) => [name, ops.constant(storedArray(weights, name)!, shape)]),
  );
}

/** Sites that matrices read alone, with those matrices. */
const READERS: Partial<Record<Site, readonly string[]>> = {
  'attn.act_in': ['attn.q', 'attn.k', 'attn.v'],
  'mlp.act_in': ['mlp.in'],
  'mlp.post_act': ['mlp.out'],
};

/** Leaves out what closed nodes would only multiply by constants. */
export class Narrowing {
  /** Sites whose matrices see the gated nodes and a one in place of all nodes. */
  private readonly narrowed = new Set<string>();

  constructor(
    private readonly model: MaskedModel,
    private readonly way: Way,
  ) {
    for (const { name, site } of allSites(model.config)) {
      if (READERS[site] && this.pays(name, site)) this.narrowed.add(name);
    }
  }

  private gated(site: string): Int32Array {
    return this.model.nodes.get(site) ?? new Int32Array();
  }

  /** Without gradients picking columns costs nothing; with them it is a matrix product. */
  private pays(name: string, site: Site): boolean {
    const width = siteWidth(this.model.config, site);
    return this.gated(name).length < (this.way.differentiable ? width / 4 : width);
  }

  /** The model's parameters, matrices narrowed; the unembedding and bigram table left out. */
  parameters(): Map<string, Value> {
    const { config, weights } = this.model;
    const specs = parameterSpecs(config).filter(
      ({ name }) => name !== 'unembed.weight' && name !== 'bigram.table',
    );
    const parameters = constants(new Map(specs.map((s) => [s.name, s.shape])), weights);
    for (const { name, layer, site } of allSites(config)) {
      if (!this.narrowed.has(name)) continue;
      for (const reader of READERS[site]!) {
        const matrix = `layers.${layer}.${reader}.weight`;
        parameters.set(matrix, this.rowsOf(weights.get(matrix)!, siteWidth(config, site), name));
      }
    }
    return parameters;
  }

  /** Rows of the gated nodes, then what the closed ones' means add up to. */
  private rowsOf(matrix: Float32Array, width: number, site: string): Value {
    const gated = this.gated(site);
    const means = this.model.means.get(site)!;
    const columns = matrix.length / width;
    const rows = new Float32Array((gated.length + 1) * columns);
    const own = new Map(Array.from(gated, (node, i) => [node, i]));
    const closed = new Float64Array(columns);
    for (let node = 0; node < width; node++) {
      const row = matrix.subarray(node * columns, (node + 1) * columns);
      const at = own.get(node);
      if (at !== undefined) rows.set(row, at * columns);
      else for (let i = 0; i < columns; i++) closed[i] += means[node] * row[i];
    }
    rows.set(closed, gated.length * columns);
    return ops.constant(rows, [gated.length + 1, columns]);
  }

  /** Gates every site; `ones` is [batch, pos, 1]. */
  tap(gates: ReadonlyMap<string, Value>, ones: Value): Tap {
    return (name, activation) => {
      if (name === FINAL_SITE && this.gated(name).length === 0) return activation;
      const width = activation.shape[2] as number;
      if (this.way.replace) return this.replaced(name, activation, ones, this.way.replace);
      const gate = this.gateOf(gates, name);
      if (this.narrowed.has(name)) {
        if (!gate) return ones;
        return ops.concat([this.gate(name, this.columns(name, activation), gate), ones], 2);
      }
      const means = ops.constant(this.model.means.get(name)!, [1, 1, width]);
      if (!gate) return ops.mul(ones, means);
      return blend(activation, this.spread(name, gate, width), means);
    };
  }

  /** A site with other activations of the nodes that have gates, the others closed. */
  private replaced(
    name: string,
    activation: Value,
    ones: Value,
    replace: NonNullable<Way['replace']>,
  ): Value {
    const count = this.gated(name).length;
    const given = () => replace(name, this.columns(name, activation));
    if (this.narrowed.has(name)) return count === 0 ? ones : ops.concat([given(), ones], 2);
    const closed = this.model.means.get(name)!.slice();
    for (const node of this.gated(name)) closed[node] = 0;
    const frozen = ops.mul(ones, ops.constant(closed, [1, 1, closed.length]));
    if (count === 0) return frozen;
    return ops.add(frozen, ops.matmul(given(), this.oneHot(name, closed.length)));
  }

  /** The gates of a site's nodes: those given, or 1 where weights have the gates. */
  private gateOf(gates: ReadonlyMap<string, Value>, name: string): Value | undefined {
    if (!this.model.edges) return gates.get(name);
    const { length } = this.gated(name);
    return length === 0 ? undefined : ops.constant(new Float32Array(length).fill(1), [length]);
  }

  /**
   * What a matrix gives with gates on some of its weights. A closed one carries the mean of what it
   * reads, as a closed node does: weight · (gate - 1) · (activation - mean) is added.
   */
  weigh(gates: ReadonlyMap<string, Value>, matrix: string, x: Value, product: Value): Value {
    const gate = gates.get(matrix);
    const edges = this.model.edges?.get(matrix);
    if (!gate || !edges) return product;
    const { fromSite, from, to, weights } = edges;
    const [width, columns] = [x.shape[2] as number, product.shape[2] as number];
    const means = this.model.means.get(fromSite)!;
    // A narrowed matrix reads the gated nodes in their order, and a one.
    const own = this.narrowed.has(fromSite)
      ? new Map(Array.from(this.gated(fromSite), (node, i) => [node, i]))
      : null;
    const count = from.length;
    const reads = onesAt(
      width,
      count,
      Array.from(from, (node, i) => [own?.get(node) ?? node, i]),
    );
    const writes = onesAt(
      count,
      columns,
      Array.from(to, (node, i) => [i, node]),
    );
    const centred = ops.sub(
      ops.matmul(x, reads),
      ops.constant(
        Float32Array.from(from, (node) => means[node]),
        [1, 1, count],
      ),
    );
    const factor = ops.mul(ops.sub(gate, 1), ops.constant(weights, [count]));
    const change = ops.matmul(ops.mul(centred, factor), writes);
    return ops.add(product, change);
  }

  private gate(name: string, activation: Value, gate: Value): Value {
    const all = this.model.means.get(name)!;
    const means = Float32Array.from(this.gated(name), (node) => all[node]);
    return blend(activation, gate, ops.constant(means, [1, 1, means.length]));
  }

  /** The gated nodes' columns [batch, pos, gate]. */
  private columns(name: string, activation: Value): Value {
    const gated = this.gated(name);
    if (!this.way.differentiable)
      return ops.gather(activation, ops.constant(gated, [gated.length]), 2);
    return ops.matmul(activation, ops.swapLast(this.oneHot(name, activation.shape[2] as number)));
  }

  /** Gates of all nodes of a site, 0 where a node has none. */
  private spread(name: string, gate: Value, width: number): Value {
    const count = this.gated(name).length;
    if (count === width) return gate;
    const rows = gate.shape.length === 1 ? ops.reshape(gate, [1, count]) : gate;
    return ops.matmul(rows, this.oneHot(name, width));
  }

  private oneHot(name: string, width: number): Value {
    const gated = this.gated(name);
    return onesAt(
      gated.length,
      width,
      Array.from(gated, (node, i) => [i, node]),
    );
  }
}

/** A matrix [rows, columns] of zeros with a 1 at some places: most of them by far are zero. */
function onesAt(
  rows: number,
  columns: number,
  places: Iterable<readonly [row: number, column: number]>,
): Value {
  const indices = Int32Array.from(places, ([row, column]) => row * columns + column).sort();
  const values = new Float32Array(indices.length).fill(1);
  return ops.constant({ length: rows * columns, indices, values }, [rows, columns]);
}

/** mean + gate · (activation - mean). */
function blend(activation: Value, gate: Value, mean: Value): Value {
  return ops.add(mean, ops.mul(gate, ops.sub(activation, mean)));
}
