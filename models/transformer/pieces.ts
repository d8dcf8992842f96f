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
  /** The parameters that it takes, a layer's as the first layer's, and the names of their inputs. */
  readonly parameters: readonly { readonly name: string; readonly input: string }[];
  /** Values that have a name: what a layer's sites hold. */
  readonly labels: ReadonlyMap<Value, string>;
}

/** Names of what the pieces take beside parameters. */
export const RESIDUAL = 'residual';
export const TOKENS = 'tokens';
export const TARGETS = 'targets';

/**
 * The pieces, for any number of windows of the whole context: `embed` makes the residual stream
 * [batch, pos, dModel] of tokens [batch, pos], `layer` takes it through a layer, and `nats` has the
 * loss of every target, in nats [batch, pos].
 */
export function forwardPieces(
  config: TransformerConfig,
): Record<'embed' | 'layer' | 'nats', Piece> {
  const { context, dModel } = config;
  const residual = ops.input(RESIDUAL, ['batch', context, dModel]);
  const tokens = ops.input(TOKENS, ['batch', context], 'int32');
  const targets = ops.input(TARGETS, ['batch', context], 'int32');
  const specs = parameterSpecs(config);
  const inputs: ForwardInputs = {
    parameters: new Map(
      specs.map(({ name, shape }) => [name, ops.input(withoutLayer(name), shape)]),
    ),
    tokens,
    index: ops.constant(
      Int32Array.from({ length: context }, (_, i) => i),
      [context],
    ),
  };
  const sites = new Map<Value, string>();
  const layers = new Layers(config, inputs, (name, activation) => {
    sites.set(activation, withoutLayer(`layers.${name}`));
    return activation;
  });
  const logprobs = ops.logSoftmax(logits(config, inputs, residual, tokens));
  const nats = ops.reshape(ops.neg(ops.pick(logprobs, targets)), ['batch', context]);
  const piece = (output: Value, labels = new Map<Value, string>()): Piece => {
    const used = new Set(topologicalOrder([output]));
    const parameters = specs.flatMap(({ name }) =>
      used.has(inputs.parameters.get(name)!) ? [{ name, input: withoutLayer(name) }] : [],
    );
    return { output, parameters, labels };
  };
  return {
    embed: piece(layers.embed()),
    layer: piece(layers.layer(0, residual), sites),
    nats: piece(nats),
  };
}

/** `layers.0.attn.q.weight` as `attn.q.weight`. */
const withoutLayer = (name: string) => name.replace(/^layers\.\d+\./, '');
