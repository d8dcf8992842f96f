/** The graphs made of the one transformer: inference with taps and interventions, and training. */
import { gradients } from '../graph/gradient';
import type { Dim, Value } from '../graph/ir';
import * as ops from '../graph/ops';
import { siteWidth, type TransformerConfig } from './config';
import { editableEdges } from './edgeEdits';
import { forward, logits, type ForwardInputs, type Tap } from './model';
import { allSites } from './nodes';
import { parameterSpecs, type ParameterSpec, type Weights } from './parameters';
import { storedArray } from './storedWeights';

/** The weights as constants of a graph, by name; those that it does not use are left out of it. */
export function parameterConstants(
  config: TransformerConfig,
  weights: Weights,
): Map<string, Value> {
  return new Map(
    parameterSpecs(config).map(({ name, shape }) => {
      const data = storedArray(weights, name);
      if (!data) throw new Error(`weights: '${name}' is missing`);
      return [name, ops.constant(data, shape)];
    }),
  );
}

/** Name of the output of log-probabilities (nats). */
export const LOGPROBS = 'logprobs';
/** Names of the inputs that hold a site's intervention: activation · keep + add. */
export const keepInput = (site: string) => `${site}.keep`;
export const addInput = (site: string) => `${site}.add`;

/** Name of the output that is the residual stream after so many layers; 0: the embedding. */
export const streamOutput = (layers: number) => `stream.${layers}`;

/**
 * Inference graph with the weights inside. Inputs: `tokens` int32 [batch, pos], `index` int32 [pos],
 * `read` int32 [read] (the positions whose predictions are wanted) and for every site `keep` and
 * `add` [batch or 1, pos or 1, node]. Outputs: `logprobs` [batch, read, vocab] (nats), every site's
 * activation [batch, pos, node], after the intervention, and the residual stream after each number of
 * layers `stream` [batch, pos, dModel].
 * @param edges whether single weights are open to interventions as well, by more inputs
 */
export function inferenceGraph(
  config: TransformerConfig,
  weights: Weights,
  edges = false,
): Record<string, Value> {
  const streams: Record<string, Value> = {};
  const graph = readableGraph(
    config,
    {
      parameters: parameterConstants(config, weights),
      tokens: ops.input('tokens', ['batch', 'pos'], 'int32'),
      index: ops.input('index', ['pos'], 'int32'),
      ...(edges && { weigh: editableEdges(config) }),
      stream: (place, residual) => {
        if (place % 2 === 0) streams[streamOutput(place / 2)] = residual;
        return residual;
      },
    },
    (residual) => (streams[streamOutput(config.layers)] = residual),
  );
  return { ...graph, ...streams };
}

/** Every site open and noted, and predictions at the positions `read`. */
function readableGraph(
  config: TransformerConfig,
  inputs: ForwardInputs,
  onEnd: (residual: Value) => void = () => undefined,
): Record<string, Value> {
  const outputs: Record<string, Value> = {};
  const residual = forward(config, inputs, editable(config, 'batch?', 'pos?', outputs));
  onEnd(residual);
  const read = ops.input('read', ['read'], 'int32');
  const at = (x: Value) => ops.gather(x, read, 1);
  outputs[LOGPROBS] = ops.logSoftmax(logits(config, inputs, at(residual), at(inputs.tokens)));
  return outputs;
}

/** A tap that opens every site to interventions and notes what comes out. */
function editable(
  config: TransformerConfig,
  batch: Dim,
  pos: Dim,
  outputs: Record<string, Value>,
): Tap {
  const widths = new Map(allSites(config).map(({ name, site }) => [name, siteWidth(config, site)]));
  return (name, activation) => {
    const shape: Dim[] = [batch, pos, widths.get(name)!];
    const kept = ops.mul(activation, ops.input(keepInput(name), shape));
    outputs[name] = ops.add(kept, ops.input(addInput(name), shape));
    return outputs[name];
  };
}

/** Names of the inputs that hold earlier keys and values of a layer. */
export const pastInput = (layer: number, part: 'k' | 'v') => `past.${layer}.${part}`;
export const PAST_ROWS = 'past.rows';

/**
 * Positions that continue a text whose earlier keys and values are known, in many variants at once.
 * Inputs: `tokens` int32 [batch, pos], `index` int32 [pos], `read` int32 [read] (which of these
 * positions' predictions are wanted), for every layer `past` keys and values [context, head · dHead]
 * of the positions before the first index, `past.rows` int32 [pos] (0, 1, 2, …), and for every site
 * `keep` and `add` [batch or 1, pos or 1, node]. Outputs: `logprobs` [batch, read, vocab] (nats) and
 * every site's activation.
 * @param edges whether single weights are open to interventions as well, by more inputs
 */
export function continuationGraph(
  config: TransformerConfig,
  weights: Weights,
  edges = false,
): Record<string, Value> {
  const { context, heads, dHead } = config;
  const past = (layer: number, part: 'k' | 'v') =>
    ops.input(pastInput(layer, part), [context, heads * dHead]);
  return readableGraph(config, {
    parameters: parameterConstants(config, weights),
    tokens: ops.input('tokens', ['batch', 'pos'], 'int32'),
    index: ops.input('index', ['pos'], 'int32'),
    ...(edges && { weigh: editableEdges(config) }),
    past: {
      rows: ops.input(PAST_ROWS, ['pos'], 'int32'),
      layers: Array.from({ length: config.layers }, (_, layer) => ({
        k: past(layer, 'k'),
        v: past(layer, 'v'),
      })),
    },
  });
}

/** Names of the slope graph's outputs, and of its input of weights on log-probabilities. */
export const slopeOutput = (site: string) => `slope.${site}`;
export const TARGET = 'target';
/** Name of the slope graph's input that is added to the logits. */
export const LOGIT_ROW = 'logit.row';

/**
 * Slopes of one prediction in a text of fixed length: how it changes with every activation. Inputs:
 * `tokens` int32 [1, pos], `read` int32 [1] (the position that predicts), `logit.row` [1, vocab] (the
 * bigram table's row, or zeros), `target` [1, vocab] (weight of each log-probability in what is
 * differentiated) and for every site `keep` and `add` [1, pos, node]. Outputs: by site the gradient
 * of the weighted log-probabilities (nats) by its activation [1, pos, node] after the intervention.
 * @param edges whether single weights are open to interventions as well, by more inputs
 */
export function slopeGraph(
  config: TransformerConfig,
  weights: Weights,
  length: number,
  edges = false,
): Record<string, Value> {
  const { vocab, dModel } = config;
  const inputs: ForwardInputs = {
    parameters: parameterConstants({ ...config, bigram: 'none' }, weights),
    tokens: ops.input('tokens', [1, length], 'int32'),
    index: ops.constant(
      Int32Array.from({ length }, (_, i) => i),
      [length],
    ),
    ...(edges && { weigh: editableEdges(config, length) }),
  };
  const sites: Record<string, Value> = {};
  const residual = forward(config, inputs, editable(config, 1, length, sites));
  const read = ops.gather(ops.reshape(residual, [length, dModel]), ops.input('read', [1], 'int32'));
  const product = logits({ ...config, bigram: 'none' }, inputs, read, inputs.tokens);
  const logprobs = ops.logSoftmax(ops.add(product, ops.input(LOGIT_ROW, [1, vocab])));
  const weighted = ops.mul(logprobs, ops.input(TARGET, [1, vocab]));
  const slopes = gradients(ops.reshape(ops.reduceSum(weighted, [0, 1]), []), Object.values(sites));
  return Object.fromEntries(Object.keys(sites).map((name, i) => [slopeOutput(name), slopes[i]]));
}

/** Names of the training graph's outputs. */
export const LOSS_OUTPUT = 'loss';
export const gradientOutput = (parameter: string) => `gradient.${parameter}`;

/**
 * Training graph for `batch` windows of the whole context. Inputs: every parameter by its name,
 * `tokens` and `targets` int32 [batch, pos]. Outputs: `loss`, the mean cross-entropy (nats/token),
 * and the gradient of every trained parameter.
 */
export function trainingGraph(config: TransformerConfig, batch: number): Record<string, Value> {
  const { inputs, loss } = lossGraph(config, batch);
  return withGradients(loss, parameterSpecs(config), inputs.parameters);
}

/** A loss [] and the gradient of every trained parameter. */
export function withGradients(
  loss: Value,
  specs: readonly ParameterSpec[],
  parameters: ReadonlyMap<string, Value>,
): Record<string, Value> {
  const trained = specs.filter((spec) => spec.trained);
  const grads = gradients(
    loss,
    trained.map((spec) => parameters.get(spec.name)!),
  );
  return {
    [LOSS_OUTPUT]: loss,
    ...Object.fromEntries(trained.map((spec, i) => [gradientOutput(spec.name), grads[i]])),
  };
}

/** The training graph's forward half: only the loss, for held-out text. */
export function evaluationGraph(config: TransformerConfig, batch: number): Record<string, Value> {
  return { [LOSS_OUTPUT]: lossGraph(config, batch).loss };
}

/** Windows of the whole context as a graph's inputs, for any number of them. */
export function windowInputs(config: TransformerConfig, batch: Dim) {
  const { context } = config;
  return {
    tokens: ops.input('tokens', [batch, context], 'int32'),
    targets: ops.input('targets', [batch, context], 'int32'),
    index: ops.constant(
      Int32Array.from({ length: context }, (_, i) => i),
      [context],
    ),
  };
}

/** Parameters as a graph's inputs, by name. */
export function parameterInputs(specs: readonly ParameterSpec[]): Map<string, Value> {
  return new Map(specs.map(({ name, shape }) => [name, ops.input(name, shape)]));
}

function lossGraph(config: TransformerConfig, batch: number) {
  const { context, vocab } = config;
  const tokens = batch * context;
  const { targets, ...text } = windowInputs(config, batch);
  const inputs: ForwardInputs = { parameters: parameterInputs(parameterSpecs(config)), ...text };
  const residual = forward(config, inputs, (_, activation) => activation);
  const scores = ops.reshape(logits(config, inputs, residual, inputs.tokens), [tokens, vocab]);
  const chosen = ops.pick(ops.logSoftmax(scores), ops.reshape(targets, [tokens]));
  const loss = ops.mul(ops.reduceSum(chosen, [0, 1]), -1 / tokens);
  return { inputs, loss: ops.reshape(loss, []) };
}
