/** The model with one weight of any matrix of its layers taken out, at some tokens or at all. */
import type { Value } from '../graph/ir';
import * as ops from '../graph/ops';
import { siteWidth, type Site, type TransformerConfig } from './config';
import { LOGPROBS, parameterConstants } from './graphs';
import { forward, logits } from './model';
import type { Weights } from './parameters';

/** Matrices [input, output] of a layer by their names, with the sites whose widths they have. */
const MATRICES: readonly (readonly [part: string, from: Site, to: Site])[] = [
  ['attn.q', 'attn.act_in', 'attn.q'],
  ['attn.k', 'attn.act_in', 'attn.k'],
  ['attn.v', 'attn.act_in', 'attn.v'],
  ['attn.out', 'attn.v', 'attn.resid_delta'],
  ['mlp.in', 'mlp.act_in', 'mlp.post_act'],
  ['mlp.out', 'mlp.post_act', 'mlp.resid_delta'],
];

/** Every matrix of the model: `layers.0.attn.q` and so on, [input, output]. */
export function matrices(config: TransformerConfig) {
  return Array.from({ length: config.layers }, (_, layer) =>
    MATRICES.map(([part, from, to]) => ({
      name: `layers.${layer}.${part}`,
      inputs: siteWidth(config, from),
      outputs: siteWidth(config, to),
    })),
  ).flat();
}

/** Names of a matrix's inputs: which channel is read, and what is added for it. */
export const sourceInput = (matrix: string) => `${matrix}.source`;
export const addedInput = (matrix: string) => `${matrix}.added`;

/**
 * Inputs: `tokens` int32 [1, pos], `index` int32 [pos], `read` int32 [read] (positions whose predictions
 * are wanted), and for every matrix `source` [1, 1, input], 1 at one channel and 0 elsewhere, and `added`
 * [1, pos or 1, output]: the product of the matrix gets (x · source) × added, so that minus a weight at
 * its output takes it out. Output: `logprobs` [1, read, vocab] (nats).
 */
export function weightGraph(config: TransformerConfig, weights: Weights): Record<string, Value> {
  const sizes = new Map(matrices(config).map((matrix) => [matrix.name, matrix]));
  const inputs = {
    parameters: parameterConstants(config, weights),
    tokens: ops.input('tokens', [1, 'pos'], 'int32'),
    index: ops.input('index', ['pos'], 'int32'),
    weigh: (name: string, x: Value, product: Value) => {
      const { inputs, outputs } = sizes.get(name)!;
      const source = ops.input(sourceInput(name), [1, 1, inputs]);
      const added = ops.input(addedInput(name), [1, 'pos?', outputs]);
      return ops.add(product, ops.mul(ops.reduceSum(ops.mul(x, source), [2]), added));
    },
  };
  const residual = forward(config, inputs, (_, activation) => activation);
  const read = ops.input('read', ['read'], 'int32');
  const at = (x: Value) => ops.gather(x, read, 1);
  return { [LOGPROBS]: ops.logSoftmax(logits(config, inputs, at(residual), at(inputs.tokens))) };
}
