/** What a training run works on, and the numbers that it begins with. */
import { givenWeights } from '../bridges/parameters';
import { Tokenizer } from '../tokenizer/tokenizer';
import type { TransformerConfig } from '../transformer/config';
import { freshWeights, type ParameterSpec, type Weights } from '../transformer/parameters';
import type { TrainingConfig } from './config';
import type { WindowSource } from './data';
import { WideNames } from './idioms/wideNames';
import { meanWindows } from './windows';

/** Windows that a start is fitted on. */
const FITTED_WINDOWS = 96;

/** A model that a bridged run stands beside and leaves as it is. */
export interface GivenModel {
  readonly name: string;
  readonly hash: string;
  readonly config: TransformerConfig;
  readonly weights: Weights;
}

/** What a run works on. */
export interface TrainingData {
  /** Ordinary Python as tokens, documents separated by end-of-text. */
  readonly trainStream: Uint16Array;
  readonly heldOutStream: Uint16Array;
  /** Identifiers of the training text, for the names of generated programs; none: word lists alone. */
  readonly identifiers?: readonly string[] | undefined;
  readonly tokenizerJson: unknown;
  /** Parameters that are counted, not trained: the bigram table. */
  readonly fixed: Weights;
  /** The dense model of a bridged run; other runs have none. */
  readonly dense?: GivenModel;
}

/** What a run begins with. */
export interface StartOptions {
  readonly config: TrainingConfig;
  readonly data: TrainingData;
  /** Trained weights that the run starts with; those that it lacks start at random. */
  readonly from?: Weights;
  /**
   * Better numbers than random ones for what `from` lacks, from all that the graphs read at the start
   * and windows of the training mix [window · pos].
   */
  readonly fit?: (weights: Weights, windows: Int32Array) => Promise<Weights>;
}

/** What every trained parameter starts as: given, fitted, or random. */
export async function startingWeights(
  { config, data, from, fit }: StartOptions,
  specs: readonly ParameterSpec[],
): Promise<Weights> {
  const lacking = specs.filter(({ name, trained }) => trained && !from?.has(name));
  const weights = new Map([...freshWeights(lacking, config.seed), ...(from ?? [])]);
  if (!fit || lacking.length === 0) return weights;
  const given = data.dense ? givenWeights(data.dense.weights) : [];
  const windows = meanWindows(trainingSource(config, data), FITTED_WINDOWS);
  const fitted = await fit(new Map([...weights, ...data.fixed, ...given]), windows);
  const started = lacking.flatMap(({ name }) => {
    const numbers = fitted.get(name);
    return numbers ? [[name, numbers] as const] : [];
  });
  return new Map([...weights, ...started]);
}

/** Windows of a run's training mix. */
export function trainingSource(
  config: TrainingConfig,
  data: Pick<TrainingData, 'trainStream' | 'identifiers' | 'tokenizerJson'>,
): WindowSource {
  const tokenizer = Tokenizer.fromJson(data.tokenizerJson);
  return {
    ...{ stream: data.trainStream, tokenizer, seed: config.seed },
    ...{ idiomShare: config.idiomShare, context: config.model.context },
    ...(data.identifiers && { wide: new WideNames(tokenizer, data.identifiers) }),
  };
}
