/**
 * What the weights join a vertex to, over vertex names (`models/transformer/nodes.ts`). A write to the
 * residual stream reaches every later read of the same channel.
 */
import { FINAL_SITE, SITES, siteWidth } from '../transformer/config';
import { nodeName, parseVertex, vertexName } from '../transformer/nodes';
import { isRead, isWrite, normOf, type ModelWeights } from './modelWeights';
import { LAYER_MATRICES, type LayerMatrix } from '../transformer/matrices';

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

/** The neighbours of a model's vertices. */
export class Neighbours {
  constructor(private readonly model: ModelWeights) {}

  /** What a vertex reads, largest weight first; empty for `token.ID` and for a read of a position. */
  incoming(name: string): Neighbour[] {
    const vertex = parseVertex(name, this.model.config);
    const { config } = this.model;
    switch (vertex.kind) {
      case 'token':
        return [];
      case 'embed':
        return strongest(config.vocab, (id) => [
          vertexName({ kind: 'token', index: id }),
          this.model.embedding(id, vertex.index),
        ]);
      case 'logit':
        return strongest(config.dModel, (c) => [
          vertexName({ kind: 'final', index: c }),
          this.model.unembedding(c, vertex.index),
        ]);
      case 'final': {
        const weight = this.model.gain('final', vertex.index);
        if (!config.finalResid) return this.writes(vertex.index, config.layers, 'attn', weight);
        return weight === 0 ? [] : [{ node: this.finalNode(vertex.index), weight }];
      }
      case 'node': {
        const { layer, site, index } = vertex.node;
        if (site === FINAL_SITE) return this.writes(index, layer, 'attn', 1);
        if (isRead(site)) {
          const part = site === 'attn.act_in' ? 'attn' : 'mlp';
          return this.writes(index, layer, part, this.model.gain(normOf(layer, site), index));
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
    const vertex = parseVertex(name, this.model.config);
    const { config } = this.model;
    switch (vertex.kind) {
      case 'token':
        return strongest(config.dModel, (c) => [
          vertexName({ kind: 'embed', index: c }),
          this.model.embedding(vertex.index, c),
        ]);
      case 'embed':
        return this.reads(vertex.index, 0, 'attn');
      case 'final':
        return strongest(config.vocab, (id) => [
          vertexName({ kind: 'logit', index: id }),
          this.model.unembedding(vertex.index, id),
        ]);
      case 'logit':
        return [];
      case 'node': {
        const { layer, site, index } = vertex.node;
        if (site === FINAL_SITE) {
          const weight = this.model.gain('final', index);
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

  /** The node of the residual stream before the final norm. */
  private finalNode(index: number): string {
    return nodeName({ layer: this.model.config.layers, site: FINAL_SITE, index });
  }

  /** One row (or column) of a matrix: the nonzero weights of a node, largest first. */
  private across(layer: number, matrix: LayerMatrix, side: 'from' | 'to', own: number) {
    const other = side === 'from' ? 'to' : 'from';
    const rows = this.model.matrix(layer, matrix);
    return strongest(siteWidth(this.model.config, matrix[other]), (index) => [
      nodeName({ layer, site: matrix[other], index }),
      side === 'from' ? rows.at(own, index) : rows.at(index, own),
    ]);
  }

  /** Writes to a channel before a read, embedding first; none where the read is of a position. */
  private writes(channel: number, layer: number, part: 'attn' | 'mlp', weight: number) {
    if (channel >= this.model.config.dModel) return [];
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
    for (let later = layer; later < this.model.config.layers; later++) {
      for (const site of SITES.filter(isRead)) {
        if (later === layer && part === 'mlp' && site === 'attn.act_in') continue;
        const weight = this.model.gain(normOf(later, site), channel);
        found.push({ node: nodeName({ layer: later, site, index: channel }), weight });
      }
    }
    const last = this.model.config.finalResid
      ? { node: this.finalNode(channel), weight: 1 }
      : {
          node: vertexName({ kind: 'final', index: channel }),
          weight: this.model.gain('final', channel),
        };
    return [...found, last].filter(isNonzero);
  }
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
