/**
 * The transformer with a gate on every node, for finding circuits: activation · gate + mean ·
 * (1 - gate), Gao et al. (arXiv 2511.13653), section 2.3.
 */
import { gradients } from '../graph/gradient';
import type { Dim, Value } from '../graph/ir';
import * as ops from '../graph/ops';
import type { TransformerConfig } from './config';
import { forward, logits } from './model';
import { Narrowing, type MaskedModel, type Way } from './narrowing';
import type { Weights } from './parameters';

/** Names of inputs and outputs, by site, or by matrix where its weights have the gates. */
export const gateInput = (slot: string) => `gate.${slot}`;
export const gateGradient = (slot: string) => `gradient.${slot}`;
export const DIFFERENCE = 'difference';
export const MASK_LOSS = 'loss';

/**
 * Forward graph. Inputs: `tokens` int32 [batch, pos], `index` int32 [pos], `read` [batch, 1, pos]
 * (1 at each prompt's last token, else 0), that token as `last` int32 [batch, 1], `first` and `second`
 * int32 [batch, 1] (indices into `answers`) and for every site with gates [batch or 1, 1, gate]. Output: `difference` [batch], the first answer's logit
 * less the second's.
 */
export function maskedGraph(model: MaskedModel): Record<string, Value> {
  const gates = gateInputs(model, (count) => ['batch?', 1, count]);
  const difference = answerDifference(model, gates, 'batch', 'pos');
  return { [DIFFERENCE]: ops.reshape(difference, ['batch']) };
}

/**
 * Graph of the gates' gradient for fixed sizes. Inputs as those of `maskedGraph`, gates [gate] alike
 * for all prompts, and `scale` [] and `shift` [] of the difference, `centre` [] (1 takes the mean of the
 * scaled differences away, as the best shift does where both answers are right equally often; 0 does
 * not), and `sign` [batch], 1 where the first answer is right and -1 where the second is. Outputs: `difference`, the mean cross-entropy
 * between the two answers (nats) and its gradient by every gate, [gate] by site.
 */
export function maskGradientGraph(
  model: MaskedModel,
  batch: number,
  pos: number,
): Record<string, Value> {
  const gates = gateInputs(model, (count) => [count]);
  const difference = answerDifference(model, gates, batch, pos, { differentiable: true });
  const loss = calibratedLoss(difference, batch);
  const sites = [...gates.keys()];
  const slopes = gradients(loss, [...gates.values()]);
  return {
    [DIFFERENCE]: ops.reshape(difference, [batch]),
    [MASK_LOSS]: loss,
    ...Object.fromEntries(sites.map((site, i) => [gateGradient(site), slopes[i]])),
  };
}

/**
 * Mean cross-entropy (nats) between the two answers, from their logit differences [batch, 1, 1]. Inputs:
 * `scale`, `shift`, `centre` and `sign` as in `maskGradientGraph`.
 */
export function calibratedLoss(difference: Value, batch: number): Value {
  const scaled = ops.mul(ops.reshape(difference, [batch, 1]), ops.input('scale', []));
  const mean = ops.mul(ops.reduceSum(scaled, [0, 1]), 1 / batch);
  const centred = ops.sub(scaled, ops.mul(mean, ops.input('centre', [])));
  const shifted = ops.add(centred, ops.input('shift', []));
  const margin = ops.mul(shifted, ops.reshape(ops.input('sign', [batch]), [batch, 1]));
  const zero = ops.constant(new Float32Array(batch), [batch, 1]);
  const right = ops.slice(ops.logSoftmax(ops.concat([margin, zero], 1)), 1, 0, 1);
  return ops.reshape(ops.mul(ops.reduceSum(right, [0, 1]), -1 / batch), []);
}

function textInputs(batch: Dim, pos: Dim) {
  const tokens = ops.input('tokens', [batch, pos], 'int32');
  return { tokens, index: ops.input('index', [pos], 'int32') };
}

function gateInputs(model: MaskedModel, shape: (count: number) => Dim[]): Map<string, Value> {
  const { nodes, edges } = model;
  const slots: [string, number][] = edges
    ? [...edges].map(([matrix, { from }]) => [matrix, from.length])
    : [...nodes].map(([site, { length }]) => [site, length]);
  const gated = slots.filter(([, count]) => count > 0);
  return new Map(gated.map(([slot, count]) => [slot, ops.input(gateInput(slot), shape(count))]));
}

/** Logit of each prompt's first answer less that of its second, [batch, 1, 1]. */
export function answerDifference(
  model: MaskedModel,
  gates: ReadonlyMap<string, Value>,
  batch: Dim,
  pos: Dim,
  way: Way = {},
): Value {
  const { config, weights, answers } = model;
  const { tokens, index } = textInputs(batch, pos);
  const narrow = new Narrowing(model, way);
  const ones = ops.gather(
    ops.constant(new Float32Array(config.vocab).fill(1), [config.vocab, 1]),
    tokens,
  );
  const parameters = narrow.parameters();
  const inputs = {
    ...{ parameters, tokens, index },
    weigh: (name: string, x: Value, product: Value) => narrow.weigh(gates, name, x, product),
  };
  const residual = forward(config, inputs, narrow.tap(gates, ones));
  // One row a prompt, 1 at its last token.
  const read = ops.input('read', [batch, 1, pos]);
  for (const [name, value] of answerColumns(config, weights, answers)) parameters.set(name, value);
  const scores = logits(
    { ...config, tiedEmbeddings: false },
    inputs,
    ops.matmul(read, residual),
    ops.input('last', [batch, 1], 'int32'),
  );
  const pick = (which: string) => ops.pick(scores, ops.input(which, [batch, 1], 'int32'));
  return ops.sub(pick('first'), pick('second'));
}

/** Unembedding [dModel, answer] and bigram table [vocab, answer] of the answers alone. */
function answerColumns(config: TransformerConfig, weights: Weights, answers: readonly number[]) {
  const { vocab, dModel, tiedEmbeddings, bigram } = config;
  const columns = (rows: number, at: (row: number, token: number) => number) =>
    ops.constant(
      Float32Array.from({ length: rows * answers.length }, (_, i) =>
        at(Math.floor(i / answers.length), answers[i % answers.length]),
      ),
      [rows, answers.length],
    );
  const embed = weights.get(tiedEmbeddings ? 'embed.weight' : 'unembed.weight')!;
  const unembed = columns(dModel, (row, token) =>
    tiedEmbeddings ? embed[token * dModel + row] : embed[row * vocab + token],
  );
  const found = new Map<string, Value>([['unembed.weight', unembed]]);
  const table = weights.get('bigram.table');
  if (bigram !== 'none' && table) {
    found.set(
      'bigram.table',
      columns(vocab, (row, token) => table[row * vocab + token]),
    );
  }
  return found;
}
