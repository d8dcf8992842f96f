/**
 * Bridges between a sparse model and a frozen dense one (Gao et al., arXiv 2511.13653, section on
 * bridges): before each attention and each MLP an encoder takes the dense residual stream to the
 * sparse one, and a decoder takes it back. A hybrid pass goes over one bridge: one model up to a
 * place, the other from there on.
 */
import type { Dim, Value } from '../graph/ir';
import * as ops from '../graph/ops';
import { LOSS_OUTPUT, parameterInputs, windowInputs, withGradients } from '../transformer/graphs';
import { forward, logits, placesOf } from '../transformer/model';
import type { TransformerConfig } from '../transformer/config';
import {
  bridgeParameter,
  denseParameters,
  pairSpecs,
  type BridgedPair,
  type BridgePart,
} from './parameters';

/** Inputs [batch, place] with a 1 where each window's hybrid pass changes model. */
export const TO_SPARSE = 'to.sparse';
export const TO_DENSE = 'to.dense';

/** What a bridged model is held to, by name; each with its weight in the loss. */
export const TERMS = [
  /** The sparse model's own cross-entropy (nats/token). */
  'crossEntropy',
  /** Squared error over variance of the encoders and of the decoders, the mean of all places. */
  'encoderError',
  'decoderError',
  /** Divergence of hybrid passes from the dense model's predictions, KL (nats/token). */
  'denseToSparse',
  'sparseToDense',
] as const;
export type Term = (typeof TERMS)[number];
export type TermWeights = Readonly<Record<Term, number>>;

/** Both models' parameters and what they read. */
interface PairInputs {
  readonly parameters: ReadonlyMap<string, Value>;
  /** int32 [batch, pos], and their places [pos]. */
  readonly tokens: Value;
  readonly index: Value;
}

/** What bridges read beside a stream. */
type BridgeInputs = Pick<PairInputs, 'parameters'>;

/** A dense residual stream [batch, pos, dDense] in the sparse model's channels. */
export function encode(pair: BridgedPair, inputs: BridgeInputs, place: number, x: Value): Value {
  const y = linear(inputs, place, 'encoder', x);
  const { encoderKept: kept } = pair;
  return kept < pair.sparse.dModel ? ops.where(ops.topKMask(y, kept), y, 0) : y;
}

/** A sparse residual stream [batch, pos, dSparse] in the dense model's channels. */
export function decode(inputs: BridgeInputs, place: number, x: Value): Value {
  return linear(inputs, place, 'decoder', x);
}

/** What a hybrid pass goes on with: the bridged stream where `chosen` [batch, 1] is 1, else its own. */
export function cross(chosen: Value, bridged: Value, own: Value): Value {
  const here = ops.reshape(ops.greaterEqual(chosen, 0.5), [own.shape[0], 1, 1]);
  return ops.where(here, bridged, own);
}

function linear({ parameters }: BridgeInputs, place: number, part: BridgePart, x: Value): Value {
  const weight = parameters.get(bridgeParameter(place, part, 'weight'))!;
  return ops.add(ops.matmul(x, weight), parameters.get(bridgeParameter(place, part, 'bias'))!);
}

/** One model's pass. */
interface Pass {
  /** Residual stream at every place. */
  readonly streams: readonly Value[];
  /** Log-probabilities [batch, pos, vocab] (nats). */
  readonly logprobs: Value;
}

/** A pass of one model; `replace` says what it goes on with at a place. */
export function pass(
  config: TransformerConfig,
  inputs: PairInputs,
  replace: (place: number, residual: Value) => Value = (_, residual) => residual,
): Pass {
  const streams: Value[] = [];
  const stream = (place: number, residual: Value) => (streams[place] = replace(place, residual));
  const own = { ...inputs, stream };
  const residual = forward(config, own, (_, activation) => activation);
  return { streams, logprobs: ops.logSoftmax(logits(config, own, residual, inputs.tokens)) };
}

/** Both models' passes, what the bridges make of the streams, and two hybrid passes. */
interface BridgedPasses {
  readonly sparse: Pass;
  readonly dense: Pass;
  /** By place. */
  readonly encoded: readonly Value[];
  readonly decoded: readonly Value[];
  /** Log-probabilities [batch, pos, vocab] (nats) of the passes that change model where it is chosen. */
  readonly denseToSparse: Value;
  readonly sparseToDense: Value;
}

/** @param choices [batch, place], one-hot, where the hybrid passes change model */
export function bridgedPasses(
  pair: BridgedPair,
  inputs: PairInputs,
  choices: { readonly toSparse: Value; readonly toDense: Value },
): BridgedPasses {
  const denseInputs = { ...inputs, parameters: denseParameters(inputs.parameters) };
  const sparse = pass(pair.sparse, inputs);
  const dense = pass(pair.dense, denseInputs);
  const encoded = dense.streams.map((x, place) => encode(pair, inputs, place, x));
  const decoded = sparse.streams.map((x, place) => decode(inputs, place, x));
  const switched = (bridged: readonly Value[], choice: Value) => (place: number, own: Value) =>
    cross(ops.slice(choice, 1, place, place + 1), bridged[place], own);
  return {
    ...{ sparse, dense, encoded, decoded },
    denseToSparse: pass(pair.sparse, inputs, switched(encoded, choices.toSparse)).logprobs,
    sparseToDense: pass(pair.dense, denseInputs, switched(decoded, choices.toDense)).logprobs,
  };
}

/** Sum over everything, []. */
const total = (x: Value) => ops.reshape(ops.reduceSum(x, [...x.shape.keys()]), []);
/** Number of entries of [batch, pos, 1], [], also where only the run knows it. */
const count = (column: Value) => total(ops.expandLike(ops.scalar(1), column));
const squares = (x: Value) => ops.mul(x, x);

/** Mean over tokens of a column [batch, pos, 1]. */
const mean = (column: Value) => ops.div(total(column), count(column));

/** Squared distance from x to y [batch, pos, channel] over the variance of y, []. */
export function normalisedError(x: Value, y: Value): Value {
  const tokens = count(ops.slice(y, 2, 0, 1));
  const centred = ops.sub(y, ops.div(ops.reduceSum(y, [0, 1]), tokens));
  return ops.div(total(squares(ops.sub(x, y))), total(squares(centred)));
}

/** KL(p || q) of log-probabilities, the mean over tokens (nats). */
export function divergence(p: Value, q: Value): Value {
  const terms = ops.mul(ops.exp(p), ops.sub(p, q));
  return mean(ops.reduceSum(terms, [2]));
}

/** Mean loss of the targets int32 [batch, pos], nats/token, []. */
export function crossEntropy(logprobs: Value, targets: Value): Value {
  return ops.neg(mean(ops.pick(logprobs, targets)));
}

/** Every term, []. */
function bridgeTerms(
  pair: BridgedPair,
  passes: BridgedPasses,
  targets: Value,
): Record<Term, Value> {
  const { sparse, dense, encoded, decoded } = passes;
  const overPlaces = (errors: readonly Value[]) =>
    ops.mul(
      errors.reduce((sum, error) => ops.add(sum, error)),
      1 / placesOf(pair.sparse),
    );
  return {
    crossEntropy: crossEntropy(sparse.logprobs, targets),
    encoderError: overPlaces(encoded.map((x, i) => normalisedError(x, sparse.streams[i]))),
    decoderError: overPlaces(decoded.map((x, i) => normalisedError(x, dense.streams[i]))),
    denseToSparse: divergence(dense.logprobs, passes.denseToSparse),
    sparseToDense: divergence(dense.logprobs, passes.sparseToDense),
  };
}

/** Inputs of the graphs below: parameters of both models, windows, and the choices. */
export function graphInputs(pair: BridgedPair, batch: Dim) {
  const specs = pairSpecs(pair);
  const places = placesOf(pair.sparse);
  const { targets, ...text } = windowInputs(pair.sparse, batch);
  const inputs: PairInputs = { parameters: parameterInputs(specs), ...text };
  const choices = {
    toSparse: ops.input(TO_SPARSE, [batch, places]),
    toDense: ops.input(TO_DENSE, [batch, places]),
  };
  return { specs, inputs, targets, choices };
}

/**
 * The loss graph of both models for `batch` windows of the whole context. Inputs: every parameter of
 * `pairSpecs` by its name, `tokens` and `targets` int32 [batch, pos], and the places [batch, place]
 * at which the hybrid passes change model. Outputs: every term by its name, and `loss`, their
 * weighted sum.
 */
export function bridgeLossGraph(pair: BridgedPair, weights: TermWeights, batch: Dim) {
  const { specs, inputs, targets, choices } = graphInputs(pair, batch);
  const terms = bridgeTerms(pair, bridgedPasses(pair, inputs, choices), targets);
  const weighted = TERMS.map((term) => ops.mul(terms[term], weights[term]));
  const loss = weighted.reduce((sum, term) => ops.add(sum, term));
  return { specs, parameters: inputs.parameters, terms, loss };
}

/** Outputs `loss` and the gradient of every trained parameter: the sparse model's and the bridges'. */
export function bridgeTrainingGraph(
  pair: BridgedPair,
  weights: TermWeights,
  batch: number,
): Record<string, Value> {
  const { specs, parameters, loss } = bridgeLossGraph(pair, weights, batch);
  return withGradients(loss, specs, parameters);
}

/** The terms beside the sparse model's own cross-entropy. */
export const FURTHER_TERMS = TERMS.filter((term) => term !== 'crossEntropy');

/** Outputs the further terms, and as `loss` the sparse model's own cross-entropy (nats/token). */
export function bridgeEvaluationGraph(
  pair: BridgedPair,
  weights: TermWeights,
  batch: number,
): Record<string, Value> {
  const { crossEntropy: loss, ...terms } = bridgeLossGraph(pair, weights, batch).terms;
  return { [LOSS_OUTPUT]: loss, ...terms };
}
