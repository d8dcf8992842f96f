/**
 * The logit lens (nostalgebraist 2020): what the end of the model, final norm and unembedding, makes of
 * the residual stream after an earlier layer, as if no later one added anything.
 */
import type { Value } from '../graph/ir';
import * as ops from '../graph/ops';
import type { TransformerConfig } from './config';
import { LOGIT_ROW, LOGPROBS, parameterConstants } from './graphs';
import { logits } from './model';
import type { Weights } from './parameters';

/** Name of the lens graph's input of residual streams. */
export const STREAM = 'stream';

/**
 * Predictions from residual streams at one position. Inputs: `stream` [1, rows, dModel] and `logit.row`
 * [1, 1, vocab] (the bigram table's row of the token there, or zeros), which is added to each. Output:
 * `logprobs` [1, rows, vocab] (nats).
 */
export function lensGraph(config: TransformerConfig, weights: Weights): Record<string, Value> {
  const { dModel, vocab } = config;
  const plain: TransformerConfig = { ...config, bigram: 'none' };
  const tokens = ops.input('tokens', [1, 'rows'], 'int32');
  const inputs = {
    parameters: parameterConstants(plain, weights),
    ...{ tokens, index: tokens },
  };
  const product = logits(plain, inputs, ops.input(STREAM, [1, 'rows', dModel]), tokens);
  return { [LOGPROBS]: ops.logSoftmax(ops.add(product, ops.input(LOGIT_ROW, [1, 1, vocab]))) };
}
