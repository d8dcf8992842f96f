/** A model's weights as they are asked for: single entries, gains, matrices and where these are not zero. */
import { siteWidth, type Site, type TransformerConfig } from '../transformer/config';
import type { LayerMatrix } from '../transformer/matrices';
import type { Weights } from '../transformer/parameters';

/** What edges are read from; a bundle is one. */
export interface WeightedModel {
  readonly config: TransformerConfig;
  readonly weights: Weights;
}

/** The nonzero entries of a matrix, row by row: those of row r at `starts[r]` up to `starts[r + 1]`. */
interface Nonzeros {
  readonly starts: Int32Array;
  readonly columns: Int32Array;
}

/** The weights of one model. */
export class ModelWeights {
  readonly config: TransformerConfig;
  readonly weights: Weights;
  private readonly known = new Map<string, Nonzeros>();

  constructor({ config, weights }: WeightedModel) {
    this.config = config;
    this.weights = weights;
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
