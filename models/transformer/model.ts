/**
 * The transformer, written once as a graph; the inference, training and mask graphs all call
 * `forward`. GPT-2 style decoder with the choices of Gao et al. (arXiv 2511.13653), section 2.1.
 */
import type { Value } from '../graph/ir';
import * as ops from '../graph/ops';
import {
  besideWidth,
  FINAL_SITE,
  keptChannels,
  normEpsilon,
  siteWidth,
  type Site,
  type TransformerConfig,
} from './config';
import { attend, type AttentionPast, type HeadNumber } from './attention';
import { earlierPositions, type Past } from './continued';
import { siteName } from './nodes';

/** Tokens over which a recency slope is counted. */
export const RECENCY_SPAN = 16;

/** What `forward` reads: each parameter as a value, tokens [batch, pos], and their index [pos]. */
export interface ForwardInputs {
  readonly parameters: ReadonlyMap<string, Value>;
  /** int32 [batch, pos]. */
  readonly tokens: Value;
  /** int32 [pos]: 0, 1, 2, … */
  readonly index: Value;
  /** When given, the tokens continue a text already seen. */
  readonly past?: Past;
  /** Sees what a matrix (`layers.0.attn.q`) reads and gives, and says what the model goes on with. */
  readonly weigh?: (name: string, x: Value, product: Value) => Value;
  /**
   * Sees the residual stream [batch, pos, dModel] before each attention (place 2 · layer) and each MLP
   * (place 2 · layer + 1), and says what the model goes on with.
   */
  readonly stream?: (place: number, residual: Value) => Value;
}

/** Places of a model at which its residual stream can be seen. */
export const placesOf = ({ layers }: Pick<TransformerConfig, 'layers'>) => 2 * layers;

/**
 * Sees every site's activation [batch, pos, node] and says what the model goes on with. A head's number
 * is seen at every position too: it is used by the query there.
 */
export type Tap = (name: string, activation: Value) => Value;

/** The residual stream [batch, pos, dModel] after the last layer. */
export function forward(config: TransformerConfig, inputs: ForwardInputs, tap: Tap): Value {
  const model = new Layers(config, inputs, tap);
  let residual = model.embed();
  for (let layer = 0; layer < config.layers; layer++) residual = model.layer(layer, residual);
  return config.finalResid ? tap(siteName(config.layers, FINAL_SITE), residual) : residual;
}

/**
 * Logits [..., vocab] from the residual stream [..., dModel] and the tokens [...] read there: final
 * norm, unembedding, and the bigram table's row.
 */
export function logits(
  config: TransformerConfig,
  inputs: ForwardInputs,
  residual: Value,
  tokens: Value,
): Value {
  const final = norm(config, inputs, 'final', residual);
  const unembed = config.tiedEmbeddings
    ? ops.swapLast(parameter(inputs, 'embed.weight'))
    : parameter(inputs, 'unembed.weight');
  const product = ops.matmul(final, unembed);
  if (config.bigram === 'none') return product;
  return ops.add(product, ops.gather(parameter(inputs, 'bigram.table'), tokens));
}

function parameter(inputs: ForwardInputs, name: string): Value {
  const value = inputs.parameters.get(name);
  if (!value) throw new Error(`the model has no parameter '${name}'`);
  return value;
}

/** RMSNorm: x / sqrt(mean(x²) + ε) · gain over the last axis. */
function norm(config: TransformerConfig, inputs: ForwardInputs, name: string, x: Value): Value {
  if (config.norm === 'none') return x;
  const axis = x.shape.length - 1;
  const meanSquare = ops.mul(ops.reduceSum(ops.mul(x, x), [axis]), 1 / config.dModel);
  const scale = ops.sqrt(ops.add(meanSquare, normEpsilon(config)));
  return ops.mul(ops.div(x, scale), parameter(inputs, `${name}.norm.gain`));
}

/** The layers of a model, for whoever goes through them one by one. */
export class Layers {
  /** Keys [pos, key] that are not later than the query. */
  private readonly allowed: Value;
  /** Position of every key, int32 [key]; the sink, if any, comes first and is before all. */
  private readonly keyIndex: Value;

  constructor(
    private readonly config: TransformerConfig,
    private readonly inputs: ForwardInputs,
    private readonly tap: Tap,
  ) {
    const positions = inputs.past ? this.windowIndex(0) : inputs.index;
    this.keyIndex = this.withSinkAt(-1, positions);
    this.allowed = notLater(this.keyIndex, inputs.index);
  }

  /** The residual stream before the first layer: the tokens' embeddings, and positions added to them. */
  embed(): Value {
    const embedding = ops.gather(parameter(this.inputs, 'embed.weight'), this.inputs.tokens);
    return this.config.positionsAre === 'added' ? ops.add(embedding, this.positions()) : embedding;
  }

  /** Rows of the learned positions, [pos, positions]. */
  private positions(): Value {
    return ops.gather(parameter(this.inputs, 'positions.weight'), this.inputs.index);
  }

  /** The residual stream [batch, pos, dModel] after a layer. */
  layer(layer: number, residual: Value): Value {
    const before = this.stream(2 * layer, residual);
    const attended = this.stream(2 * layer + 1, ops.add(before, this.attention(layer, before)));
    return ops.add(attended, this.mlp(layer, attended));
  }

  private stream(place: number, residual: Value): Value {
    return this.inputs.stream?.(place, residual) ?? residual;
  }

  /** What attention and MLP read: the norm of the residual stream, positions beside it. */
  private read(layer: number, part: 'attn' | 'mlp', residual: Value): Value {
    const name = `layers.${layer}.${part}`;
    const beside = besideWidth(this.config);
    let x = norm(this.config, this.inputs, name, residual);
    if (beside > 0) {
      let rows = this.positions();
      if (this.config.positionGains) {
        rows = ops.mul(rows, parameter(this.inputs, `${name}.positions.gain`));
      }
      x = ops.concat([x, ops.expandLike(rows, ops.slice(x, 2, 0, beside))], 2);
    }
    return this.site(layer, `${part}.act_in`, x);
  }

  /** AbsTopK, then whoever taps the site. */
  private site(layer: number, site: Site, x: Value): Value {
    const k = keptChannels(this.config, site);
    const sparse = k < siteWidth(this.config, site) ? ops.where(ops.topKMask(x, k), x, 0) : x;
    return this.tap(siteName(layer, site), sparse);
  }

  private linear(name: string, x: Value): Value {
    const whole = ops.matmul(x, parameter(this.inputs, `${name}.weight`));
    const product = this.inputs.weigh?.(name, x, whole) ?? whole;
    return this.config.biases ? ops.add(product, parameter(this.inputs, `${name}.bias`)) : product;
  }

  /** What attention adds to the residual stream [batch, pos, dModel]. */
  private attention(layer: number, residual: Value): Value {
    const { heads, dHead, sinks, recency } = this.config;
    const name = `layers.${layer}.attn`;
    const x = this.read(layer, 'attn', residual);
    const [batch, pos] = x.shape;
    const part = (which: 'q' | 'k' | 'v') =>
      this.site(layer, `attn.${which}`, this.linear(`${name}.${which}`, x));
    const headFirst = (y: Value, channels: number) =>
      ops.transpose(ops.reshape(y, [batch, pos, heads, channels]), [0, 2, 1, 3]);
    const [q, k, v] = [part('q'), part('k'), part('v')];
    const perHead = (which: 'sink' | 'recency'): HeadNumber => {
      const given = ops.reshape(parameter(this.inputs, `${name}.${which}`), [1, 1, heads]);
      const everywhere = ops.expandLike(given, ops.slice(q, 2, 0, heads)); // [batch, pos, head]
      const used = this.tap(siteName(layer, `attn.${which}`), everywhere);
      if (used === everywhere) {
        return { value: ops.reshape(given, [1, heads, 1, 1]), everywhere: true };
      }
      return { value: headFirst(used, 1), everywhere: false };
    };
    const mixed = attend({
      q: ops.mul(headFirst(q, dHead), dHead ** -0.5), // [batch, head, pos, dHead]
      k: headFirst(k, dHead),
      v: headFirst(v, dHead),
      sink: sinks ? perHead('sink') : null,
      slope: recency ? perHead('recency') : null,
      here: ops.gather(this.places(), this.inputs.index),
      allowed: this.allowed,
      index: this.inputs.index,
      keyIndex: this.keyIndex,
      past: this.past(layer),
    });
    const joined = ops.reshape(ops.transpose(mixed, [0, 2, 1, 3]), [batch, pos, heads * dHead]);
    return this.site(layer, 'attn.resid_delta', this.linear(`${name}.out`, joined));
  }

  /** Positions of a window in units of the recency slopes [context]. */
  private places(): Value {
    const { context } = this.config;
    return ops.constant(
      Float32Array.from({ length: context }, (_, position) => position / RECENCY_SPAN),
      [context],
    );
  }

  /** As many integers as a window has positions, from one on, int32 [context]. */
  private windowIndex(first: number): Value {
    const { context } = this.config;
    return ops.constant(
      Int32Array.from({ length: context }, (_, i) => first + i),
      [context],
    );
  }

  /** Places of keys, with that of the sink before them if there is one. */
  private withSinkAt(place: number, places: Value): Value {
    if (!this.config.sinks) return places;
    return ops.concat([ops.constant(Int32Array.of(place), [1]), places], 0);
  }

  private past(layer: number): AttentionPast | undefined {
    const { past, index } = this.inputs;
    if (!past) return undefined;
    const { keyIndex } = this;
    const [window, places] = [this.windowIndex(0), this.places()];
    const next = this.withSinkAt(0, this.windowIndex(1));
    return earlierPositions(past, layer, { index, window, places, keyIndex, next });
  }

  /** What the MLP adds to the residual stream [batch, pos, dModel]. */
  private mlp(layer: number, residual: Value): Value {
    const name = `layers.${layer}.mlp`;
    const x = this.read(layer, 'mlp', residual);
    const hidden = this.linear(`${name}.in`, x);
    const active =
      this.config.activation === 'gelu'
        ? ops.gelu(hidden)
        : ops.where(ops.greaterEqual(hidden, 0), hidden, 0);
    const post = this.site(layer, 'mlp.post_act', active);
    return this.site(layer, 'mlp.resid_delta', this.linear(`${name}.out`, post));
  }
}

/** Where the key is not later than the query, bool [pos, key]. */
function notLater(keyIndex: Value, index: Value): Value {
  return ops.greaterEqual(ops.reshape(index, [index.shape[0], 1]), keyIndex);
}
