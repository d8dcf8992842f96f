/**
 * The nonzero weights between a model's nodes, and how many a set of nodes holds: circuit size as in Gao
 * et al., arXiv 2511.13653, section 2.2.
 */
import { FINAL_SITE, SITES, siteWidth, type Site } from '../transformer/config';
import { nodeName, parseNode } from '../transformer/nodes';
import { isRead, isWrite, ModelWeights } from './modelWeights';
import { LAYER_MATRICES, type LayerMatrix } from '../transformer/matrices';

/** A nonzero weight between two nodes. */
export interface Edge {
  /** Node names. */
  readonly from: string;
  readonly to: string;
  readonly weight: number;
}

/** The same by numbers: indices of nodes at the sites that the matrix joins. */
export interface Weight {
  readonly layer: number;
  readonly matrix: LayerMatrix;
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** How many weights a set of nodes holds. */
export interface EdgeCount {
  /**
   * Circuit size: nonzero entries of the six matrices of every layer whose input and output node are
   * both in the set. Biases, norm gains, sinks and the residual stream's wires from a write to the
   * reads of its channel are not counted.
   */
  readonly edges: number;
  /** Nonzero entries of the token embedding in channels that a node of the set reads. */
  readonly embedding: number;
  /** Nonzero entries of the unembedding in channels that a node of the set writes. */
  readonly unembedding: number;
}

/** The edges of one model. */
export class ModelEdges extends ModelWeights {
  /** Every nonzero weight of the six matrices of a layer between two of the nodes. */
  edgesBetween(nodes: Iterable<string>): Edge[] {
    return this.weightsBetween(nodes).map(edgeOf);
  }

  /** The same by numbers, in the order of layers, matrices, rows and columns. */
  weightsBetween(nodes: Iterable<string>): Weight[] {
    const found: Weight[] = [];
    this.visit(this.bySite(nodes), (layer, matrix, from, to, weight) =>
      found.push({ layer, matrix, from, to, weight }),
    );
    return found;
  }

  /** Number of edges that each of some nodes has to the others, by name. */
  degrees(nodes: Iterable<string>): Map<string, number> {
    const kept = this.bySite(nodes);
    const counts = kept.map(
      (sites) => new Map([...sites.keys()].map((site) => [site, new Map<number, number>()])),
    );
    const add = (layer: number, site: Site, index: number) => {
      const own = counts[layer].get(site)!;
      own.set(index, (own.get(index) ?? 0) + 1);
    };
    this.visit(kept, (layer, { from: fromSite, to: toSite }, from, to) => {
      add(layer, fromSite, from);
      add(layer, toSite, to);
    });
    return new Map(
      counts.flatMap((sites, layer) =>
        [...sites].flatMap(([site, own]) =>
          [...own].map(([index, count]) => [nodeName({ layer, site, index }), count] as const),
        ),
      ),
    );
  }

  /** Counts the weights between the nodes, without a list of them: quick for a dense model too. */
  countEdges(nodes: Iterable<string>): EdgeCount {
    const kept = this.bySite(nodes);
    let edges = 0;
    this.visit(kept, () => edges++);
    const channels = (isOne: (site: Site) => boolean) =>
      new Set(
        kept.flatMap((layer) => SITES.filter(isOne).flatMap((site) => layer.get(site) ?? [])),
      );
    const [read, written] = [channels(isRead), channels(isWrite)];
    let [embedding, unembedding] = [0, 0];
    const embeddings = this.embeddings();
    for (let id = 0; id < this.config.vocab; id++) {
      embeddings.visit(id, (channel) => {
        if (read.has(channel)) embedding++;
      });
    }
    this.visitUnembedding((channel) => {
      if (written.has(channel)) unembedding++;
    });
    return { edges, embedding, unembedding };
  }

  /** Indices of the nodes of the layers by layer and site, ascending. */
  private bySite(nodes: Iterable<string>): Map<Site, number[]>[] {
    const { config } = this;
    const kept = Array.from({ length: config.layers }, () => new Map<Site, number[]>());
    for (const name of new Set(nodes)) {
      const { layer, site, index } = parseNode(name, config);
      if (site === FINAL_SITE) continue; // No matrix of a layer reads or writes it.
      const list = kept[layer].get(site);
      if (list) list.push(index);
      else kept[layer].set(site, [index]);
    }
    for (const layer of kept) for (const list of layer.values()) list.sort((a, b) => a - b);
    return kept;
  }

  private visit(
    kept: readonly ReadonlyMap<Site, readonly number[]>[],
    found: (layer: number, matrix: LayerMatrix, from: number, to: number, weight: number) => void,
  ): void {
    for (const [layer, sites] of kept.entries()) {
      for (const matrix of LAYER_MATRICES) {
        const outputs = sites.get(matrix.to) ?? [];
        const width = siteWidth(this.config, matrix.to);
        const inputs = sites.get(matrix.from) ?? [];
        if (inputs.length === 0 || outputs.length === 0) continue;
        const wanted = new Uint8Array(width);
        for (const to of outputs) wanted[to] = 1;
        const rows = this.matrix(layer, matrix);
        for (const from of inputs) {
          rows.visit(from, (to, weight) => {
            if (wanted[to] === 1) found(layer, matrix, from, to, weight);
          });
        }
      }
    }
  }
}

/** An edge by the names of its nodes. */
export function edgeOf({ layer, matrix, from, to, weight }: Weight): Edge {
  return {
    from: nodeName({ layer, site: matrix.from, index: from }),
    to: nodeName({ layer, site: matrix.to, index: to }),
    weight,
  };
}
