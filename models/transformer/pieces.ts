/**
 * The training graph's forward half cut into pieces, for an emitter that prints each once: the layers
 * are alike, and a compiler then has one layer to compile instead of all of them.
 */
import { topologicalOrder, type Value } from '../graph/ir';
import * as ops from '../graph/ops';
import type { TransformerConfig } from './config';
import { Layers, logits, type ForwardInputs } from './model';
import { parameterSpecs } from './parameters';

/** One function of arrays. */
export interface Piece {
  readonly output: Value;
  /** Inputs beside parameters, in order. */
  readonly arrays: readonly string[];
  /** The parameters that it takes, a layer's as the first layer's, and the names of their inputs. */
  readonly parameters: readonly { readonly name: string; readonly input: string }[];
  /** Values that have a name: what a layer's sites hold. */
  readonly labels: ReadonlyMap<Value, string>;
}

/** Names of what the pieces take beside parameters. */
const RESIDUAL = 'residual';
const TOKENS = 'tokens';
const TARGETS = 'targets';

/** A piece of a graph that reads the given parameters, by their names; `others` are its other inputs. */
export function pieceOf(
  output: Value,
  others: readonly string[],
  parameters: ReadonlyMap<string, Value>,
  labels: ReadonlyMap<Value, string> = new Map(),
): Piece {
  const used = new Set(topologicalOrder([output]));
  const taken = [...parameters].flatMap(([name, value]) =>
    used.has(value) && value.op.kind === 'input' ? [{ name, input: value.op.name }] : [],
  );
  return { output, arrays: others, parameters: taken, labels };
}

/** A model as its pieces read it, for any number of windows of the whole context. */
export class CutModel {
  /** The residual stream [batch, pos, dModel], and tokens and targets int32 [batch, pos]. */
  private readonly residual: Value;
  private readonly tokens: Value;
  private readonly targets: Value;
  private readonly inputs: ForwardInputs;
  /** Inputs by the names that the parameters have in a run. */
  private readonly named: ReadonlyMap<string, Value>;

  /** @param prefix stands before the names of the model's parameters in a run of two models */
  constructor(
    private readonly config: TransformerConfig,
    prefix = '',
  ) {
    const { context, dModel } = config;
    this.residual = ops.input(RESIDUAL, ['batch', context, dModel]);
    this.tokens = ops.input(TOKENS, ['batch', context], 'int32');
    this.targets = ops.input(TARGETS, ['batch', context], 'int32');
    const parameters = parameterSpecs(config).map(
      ({ name, shape }) => [name, ops.input(withoutLayer(name), shape)] as const,
    );
    this.named = new Map(parameters.map(([name, value]) => [prefix + name, value]));
    this.inputs = {
      parameters: new Map(parameters),
      tokens: this.tokens,
      index: ops.constant(
        Int32Array.from({ length: context }, (_, i) => i),
        [context],
      ),
    };
  }

  /** The residual stream before the first layer, from tokens. */
  embed(): Piece {
    return pieceOf(this.layers().embed(), [TOKENS], this.named);
  }

  /** The residual stream after a layer, from that before it. */
  layer(): Piece {
    const labels = new Map<Value, string>();
    const output = this.layers({}, labels).layer(0, this.residual);
    return pieceOf(output, [RESIDUAL], this.named, labels);
  }

  /** The layer's halves: the residual stream after attention from that before it, and after the MLP. */
  halves(): Record<'attention' | 'mlp', Piece> {
    const labels = new Map<Value, string>();
    let attended = this.residual;
    // Place 1 is before the MLP, which is handed a stream of its own.
    const stream = (place: number, x: Value) => {
      if (place === 0) return x;
      attended = x;
      return this.residual;
    };
    const output = this.layers({ stream }, labels).layer(0, this.residual);
    return {
      attention: pieceOf(attended, [RESIDUAL], this.named, labels),
      mlp: pieceOf(output, [RESIDUAL], this.named, labels),
    };
  }

  /** Log-probabilities [batch, pos, vocab] (nats), from the residual stream after the last layer and tokens. */
  logprobs(): Value {
    return ops.logSoftmax(logits(this.config, this.inputs, this.residual, this.tokens));
  }

  /** The loss of every target, in nats [batch, pos], from the same. */
  nats(): Piece {
    const loss = ops.neg(ops.pick(this.logprobs(), this.targets));
    return this.ending(ops.reshape(loss, ['batch', this.config.context]), [TARGETS]);
  }

  /** A piece of the model's end: of the residual stream, the tokens and what else there is. */
  ending(output: Value, others: readonly string[] = []): Piece {
    return pieceOf(output, [RESIDUAL, TOKENS, ...others], this.named);
  }

  private layers(further: Partial<ForwardInputs> = {}, labels = new Map<Value, string>()) {
    return new Layers(this.config, { ...this.inputs, ...further }, (name, activation) => {
      labels.set(activation, withoutLayer(`layers.${name}`));
      return activation;
    });
  }
}

/**
 * The pieces of a model: `embed` makes the residual stream [batch, pos, dModel] of tokens [batch, pos],
 * `layer` takes it through a layer, and `nats` has the loss of every target, in nats [batch, pos].
 */
export function forwardPieces(
  config: TransformerConfig,
): Record<'embed' | 'layer' | 'nats', Piece> {
  const model = new CutModel(config);
  return { embed: model.embed(), layer: model.layer(), nats: model.nats() };
}

/** `layers.0.attn.q.weight` as `attn.q.weight`. */
const withoutLayer = (name: string) => name.replace(/^layers\.\d+\./, '');
