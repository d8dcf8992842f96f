/**
 * A model's nonzero weights as a graph over vertex names (`models/transformer/nodes.ts`). Nodes of a
 * layer are joined by six weight matrices; a write to the residual stream reaches every later read of
 * the same channel. Circuit size as in Gao et al., arXiv 2511.13653, section 2.2.
 */
import {
  FINAL_SITE,
  SITES,
  siteWidth,
  type Site,
  type TransformerConfig,
} from '../transformer/config';
import { nodeName, parseNode, parseVertex, vertexName } from '../transformer/nodes';
import type { Weights } from '../transformer/parameters';

/** What edges are read from; a bundle is one. */
export interface WeightedModel {
  readonly config: TransformerConfig;
  readonly weights: Weights;
}

/** A weight matrix [input, output] of a layer and the sites that it joins. */
export interface LayerMatrix {
  readonly from: Site;
  readonly to: Site;
  /** In the parameter's name: `layers.L.{part}.weight`. */
  readonly part: 'attn.q' | 'attn.k' | 'attn.v' | 'attn.out' | 'mlp.in' | 'mlp.out';
}

/**
 * The six matrices of a layer. The attention output's input is the values mixed over earlier
 * positions: its edges lead from a value at any of them.
 */
export const LAYER_MATRICES: readonly LayerMatrix[] = [
  { from: 'attn.act_in', to: 'attn.q', part: 'attn.q' },
  { from: 'attn.act_in', to: 'attn.k', part: 'attn.k' },
  { from: 'attn.act_in', to: 'attn.v', part: 'attn.v' },
  { from: 'attn.v', to: 'attn.resid_delta', part: 'attn.out' },
  { from: 'mlp.act_in', to: 'mlp.post_act', part: 'mlp.in' },
  { from: 'mlp.post_act', to: 'mlp.resid_delta', part: 'mlp.out' },
];

/** The other end of an edge. */
export interface Neighbour {
  /** Vertex name: a node's, `token.ID`, `embed.C`, `final.C` or `logit.ID`. */
  readonly node: string;
  /**
   * The weight. Along the residual stream it is the gain of the norm that reads; at a token the
   * contribution is that times the write, divided by the root mean square of the stream there.
   */
  readonly weight: number;
}

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

/** The nonzero entries of a matrix, row by row: those of row r at `starts[r]` up to `starts[r + 1]`. */
interface Nonzeros {
  readonly starts: Int32Array;
  readonly columns: Int32Array;
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
export class ModelEdges {
  readonly config: TransformerConfig;
  readonly weights: Weights;
  private readonly known = new Map<string, Nonzeros>();

  constructor({ config, weights }: WeightedModel) {
    this.config = config;
    this.weights = weights;
  }

  /** What a vertex reads, largest weight first; empty for `token.ID` and for a read of a position. */
  incoming(name: string): Neighbour[] {
    const vertex = parseVertex(name, this.config);
    const { config } = this;
    switch (vertex.kind) {
      case 'token':
        return [];
      case 'embed':
        return strongest(config.vocab, (id) => [
          vertexName({ kind: 'token', index: id }),
          this.embedding(id, vertex.index),
        ]);
      case 'logit':
        return strongest(config.dModel, (c) => [
          vertexName({ kind: 'final', index: c }),
          this.unembedding(c, vertex.index),
        ]);
      case 'final': {
        const weight = this.gain('final', vertex.index);
        if (!config.finalResid) return this.writes(vertex.index, config.layers, 'attn', weight);
        return weight === 0 ? [] : [{ node: this.finalNode(vertex.index), weight }];
      }
      case 'node': {
        const { layer, site, index } = vertex.node;
        if (site === FINAL_SITE) return this.writes(index, layer, 'attn', 1);
        if (isRead(site)) {
          const part = site === 'attn.act_in' ? 'attn' : 'mlp';
          return this.writes(index, layer, part, this.gain(normOf(layer, site), index));
        }
        const matrices = LAYER_MATRICES.filter(({ to }) => to === site);
        return matrices.flatMap((matrix) => this.across(layer, matrix, 'to', index));
      }
    }
  }

  /**
   * What reads a vertex, largest weight first; empty for `logit.ID`, and for queries and keys, which
   * meet each other in the attention pattern and no weight.
   */
  outgoing(name: string): Neighbour[] {
    const vertex = parseVertex(name, this.config);
    const { config } = this;
    switch (vertex.kind) {
      case 'token':
        return strongest(config.dModel, (c) => [
          vertexName({ kind: 'embed', index: c }),
          this.embedding(vertex.index, c),
        ]);
      case 'embed':
        return this.reads(vertex.index, 0, 'attn');
      case 'final':
        return strongest(config.vocab, (id) => [
          vertexName({ kind: 'logit', index: id }),
          this.unembedding(vertex.index, id),
        ]);
      case 'logit':
        return [];
      case 'node': {
        const { layer, site, index } = vertex.node;
        if (site === FINAL_SITE) {
          const weight = this.gain('final', index);
          return [{ node: vertexName({ kind: 'final', index }), weight }].filter(isNonzero);
        }
        if (site === 'attn.resid_delta') return this.reads(index, layer, 'mlp');
        if (site === 'mlp.resid_delta') return this.reads(index, layer + 1, 'attn');
        const matrices = LAYER_MATRICES.filter(({ from }) => from === site);
        const found = matrices.flatMap((matrix) => this.across(layer, matrix, 'from', index));
        return found.sort(byWeight);
      }
    }
  }

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
    const { dModel, vocab } = this.config;
    const kept = this.bySite(nodes);
    let edges = 0;
    this.visit(kept, () => edges++);
    const channels = (sites: readonly Site[]) => {
      const lists = kept.flatMap((layer) => sites.flatMap((site) => layer.get(site) ?? []));
      return [...new Set(lists)].filter((channel) => channel < dModel);
    };
    const count = (read: boolean, entry: (channel: number, id: number) => number) => {
      let nonzero = 0;
      for (const channel of channels(SITES.filter(read ? isRead : isWrite))) {
        for (let id = 0; id < vocab; id++) if (entry(channel, id) !== 0) nonzero++;
      }
      return nonzero;
    };
    return {
      edges,
      embedding: count(true, (channel, id) => this.embedding(id, channel)),
      unembedding: count(false, (channel, id) => this.unembedding(channel, id)),
    };
  }

  /** The node of the residual stream before the final norm. */
  private finalNode(index: number): string {
    return nodeName({ layer: this.config.layers, site: FINAL_SITE, index });
  }

  /**
   * Entry of the residual stream before the first layer, of a token at a place of its window: its
   * embedding and, where positions are added, that of the place.
   */
  streamStart(id: number, row: number, channel: number): number {
    const embedding = this.embedding(id, channel);
    if (this.config.positionsAre !== 'added') return embedding;
    return embedding + this.array('positions.weight')[row * this.config.dModel + channel];
  }

  /** Entry of the token embedding. */
  embedding(id: number, channel: number): number {
    return this.array('embed.weight')[id * this.config.dModel + channel];
  }

  /** Entry of the unembedding, which may be the token embedding's. */
  unembedding(channel: number, id: number): number {
    const { tiedEmbeddings, vocab } = this.config;
    if (tiedEmbeddings) return this.embedding(id, channel);
    return this.array('unembed.weight')[channel * vocab + id];
  }

  /** Gain of a norm (`layers.L.attn`, `layers.L.mlp` or `final`) at a channel; 1 without norms. */
  gain(norm: string, channel: number): number {
    return this.config.norm === 'none' ? 1 : this.array(`${norm}.norm.gain`)[channel];
  }

  /** The bigram table [vocab, vocab] by last and next token; null when the model has none. */
  bigram(): Float32Array | null {
    return this.config.bigram === 'none' ? null : this.array('bigram.table');
  }

  /** A layer's matrix [input, output]. */
  matrix(layer: number, { part }: LayerMatrix): Float32Array {
    return this.array(`layers.${layer}.${part}.weight`);
  }

  /** One row (or column) of a matrix: the nonzero weights of a node, largest first. */
  private across(layer: number, matrix: LayerMatrix, side: 'from' | 'to', own: number) {
    const other = side === 'from' ? 'to' : 'from';
    const data = this.matrix(layer, matrix);
    const width = siteWidth(this.config, matrix.to);
    return strongest(siteWidth(this.config, matrix[other]), (index) => [
      nodeName({ layer, site: matrix[other], index }),
      side === 'from' ? data[own * width + index] : data[index * width + own],
    ]);
  }

  /** Writes to a channel before a read, embedding first; none where the read is of a position. */
  private writes(channel: number, layer: number, part: 'attn' | 'mlp', weight: number) {
    if (channel >= this.config.dModel) return [];
    const found = [vertexName({ kind: 'embed', index: channel })];
    for (let earlier = 0; earlier <= layer; earlier++) {
      const sites = SITES.filter(isWrite).filter(
        (site) => earlier < layer || (part === 'mlp' && site === 'attn.resid_delta'),
      );
      found.push(...sites.map((site) => nodeName({ layer: earlier, site, index: channel })));
    }
    return weight === 0 ? [] : found.map((node) => ({ node, weight }));
  }

  /** Reads of a channel from a place on, the final norm's last. */
  private reads(channel: number, layer: number, part: 'attn' | 'mlp'): Neighbour[] {
    const found: Neighbour[] = [];
    for (let later = layer; later < this.config.layers; later++) {
      for (const site of SITES.filter(isRead)) {
        if (later === layer && part === 'mlp' && site === 'attn.act_in') continue;
        const weight = this.gain(normOf(later, site), channel);
        found.push({ node: nodeName({ layer: later, site, index: channel }), weight });
      }
    }
    const last = this.config.finalResid
      ? { node: this.finalNode(channel), weight: 1 }
      : {
          node: vertexName({ kind: 'final', index: channel }),
          weight: this.gain('final', channel),
        };
    return [...found, last].filter(isNonzero);
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
        const data = this.matrix(layer, matrix);
        const inputs = sites.get(matrix.from) ?? [];
        if (inputs.length === 0 || outputs.length === 0) continue;
        const wanted = new Uint8Array(width);
        for (const to of outputs) wanted[to] = 1;
        const { starts, columns } = this.nonzeros(layer, matrix);
        for (const from of inputs) {
          for (let i = starts[from]; i < starts[from + 1]; i++) {
            const to = columns[i];
            if (wanted[to] === 1) found(layer, matrix, from, to, data[from * width + to]);
          }
        }
      }
    }
  }

  /** Where a layer's matrix is not zero, found once. */
  nonzeros(layer: number, matrix: LayerMatrix): Nonzeros {
    const key = `${layer}.${matrix.part}`;
    const known = this.known.get(key);
    if (known) return known;
    const data = this.matrix(layer, matrix);
    const width = siteWidth(this.config, matrix.to);
    const rows = data.length / width;
    const starts = new Int32Array(rows + 1);
    const columns = new Int32Array(data.reduce((count, weight) => count + (weight ? 1 : 0), 0));
    let filled = 0;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < width; column++) {
        if (data[row * width + column] !== 0) columns[filled++] = column;
      }
      starts[row + 1] = filled;
    }
    const found = { starts, columns };
    this.known.set(key, found);
    return found;
  }

  private array(name: string): Float32Array {
    const data = this.weights.get(name);
    if (!data) throw new Error(`no parameter '${name}'; pass weights made for this config`);
    return data;
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

/** Sites that read the residual stream through a norm. */
export function isRead(site: Site): site is 'attn.act_in' | 'mlp.act_in' {
  return site === 'attn.act_in' || site === 'mlp.act_in';
}

/** Sites that write to the residual stream. */
export function isWrite(site: Site): site is 'attn.resid_delta' | 'mlp.resid_delta' {
  return site === 'attn.resid_delta' || site === 'mlp.resid_delta';
}

/** Name of the norm before a read. */
export function normOf(layer: number, site: 'attn.act_in' | 'mlp.act_in'): string {
  return `layers.${layer}.${site === 'attn.act_in' ? 'attn' : 'mlp'}`;
}

function isNonzero({ weight }: Neighbour): boolean {
  return weight !== 0;
}

/** The ends whose weight is not zero, largest magnitude first. */
function strongest(count: number, end: (index: number) => readonly [string, number]): Neighbour[] {
  const found: Neighbour[] = [];
  for (let index = 0; index < count; index++) {
    const [node, weight] = end(index);
    if (weight !== 0) found.push({ node, weight });
  }
  return found.sort(byWeight);
}

function byWeight(a: Neighbour, b: Neighbour): number {
  return Math.abs(b.weight) - Math.abs(a.weight);
}
