/** A model's weights as they are asked for: single entries, gains, and matrices row by row. */
import { MatrixRows } from '../graph/matrixRows';
import { siteWidth, type Site, type TransformerConfig } from '../transformer/config';
import type { LayerMatrix } from '../transformer/matrices';
import type { Weights } from '../transformer/parameters';
import { storedArray } from '../transformer/storedWeights';

/** What edges are read from; a bundle is one. */
export interface WeightedModel {
  readonly config: TransformerConfig;
  readonly weights: Weights;
}

/** The weights of one model. */
export class ModelWeights {
  readonly config: TransformerConfig;
  readonly weights: Weights;
  private readonly known = new Map<string, MatrixRows>();

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
    return this.embeddings().at(id, channel);
  }

  /** The token embedding [vocab, dModel]. */
  embeddings(): MatrixRows {
    return this.rows('embed.weight', this.config.dModel);
  }

  /** Entry of the unembedding, which may be the token embedding's. */
  unembedding(channel: number, id: number): number {
    if (this.config.tiedEmbeddings) return this.embedding(id, channel);
    return this.unembeddings().at(channel, id);
  }

  /** What channels of the residual stream [dModel] give each logit [vocab]. */
  toLogits(channels: Float64Array): Float64Array {
    const logits = new Float64Array(this.config.vocab);
    const add = (channel: number, id: number, weight: number) => {
      logits[id] += channels[channel] * weight;
    };
    this.visitUnembedding(add, (channel) => channels[channel] !== 0);
    return logits;
  }

  /** What shares of tokens [vocab] give each channel [dModel]: the other way through the unembedding. */
  fromLogits(shares: Float64Array): Float64Array {
    const channels = new Float64Array(this.config.dModel);
    this.visitUnembedding((channel, id, weight) => {
      channels[channel] += shares[id] * weight;
    });
    return channels;
  }

  /**
   * Every entry of the unembedding that is not zero, of one channel by ascending token.
   * @param wanted whether anything is asked of a channel: what is not may be left out
   */
  visitUnembedding(
    found: (channel: number, id: number, weight: number) => void,
    wanted: (channel: number) => boolean = () => true,
  ): void {
    const { tiedEmbeddings, dModel, vocab } = this.config;
    if (tiedEmbeddings) {
      const rows = this.embeddings();
      for (let id = 0; id < vocab; id++) rows.visit(id, (channel, w) => found(channel, id, w));
    } else {
      const rows = this.unembeddings();
      for (let c = 0; c < dModel; c++) {
        if (wanted(c)) rows.visit(c, (id, weight) => found(c, id, weight));
      }
    }
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
  matrix(layer: number, { part, to }: LayerMatrix): MatrixRows {
    return this.rows(`layers.${layer}.${part}.weight`, siteWidth(this.config, to));
  }

  private unembeddings(): MatrixRows {
    return this.rows('unembed.weight', this.config.vocab);
  }

  private rows(name: string, width: number): MatrixRows {
    const known = this.known.get(name);
    if (known) return known;
    const data = storedArray(this.weights, name);
    if (!data) throw missing(name);
    const rows = new MatrixRows(data, width);
    this.known.set(name, rows);
    return rows;
  }

  private array(name: string): Float32Array {
    const data = this.weights.get(name);
    if (!data) throw missing(name);
    return data;
  }
}

function missing(name: string): Error {
  return new Error(`no parameter '${name}'; pass weights made for this config`);
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
