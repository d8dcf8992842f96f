/** The interface that steering needs of two bridged models, wherever they run. */
import type { Means } from '../bundles/weights';
import type { BundleInfo } from '../inference/engine';
import type { Intervention } from '../inference/interventions';
import type { Position } from '../inference/textTokens';
import type { Trace } from '../inference/trace';
import type { Encoding } from '../tokenizer/tokenizer';
import type { Weights } from '../transformer/parameters';

/** A model that runs texts. */
export interface SteerableModel {
  readonly info: BundleInfo;
  readonly weights: Weights;
  readonly means: Means;
  tokens(text: string): Promise<Encoding>;
  trace(
    text: string,
    position: Position,
    options: { readonly interventions?: readonly Intervention[]; readonly whole?: boolean },
  ): Promise<Trace>;
}

/** Both models and their bridges. */
export interface BridgedModels {
  readonly sparse: SteerableModel;
  readonly dense: SteerableModel;
  /** Encoders and decoders by the names of `bridgeSpecs`. */
  readonly bridges: Weights;
}

/** Adapts a runtime to the interface of steering. */
export function steerable(
  runtime: Omit<SteerableModel, 'weights' | 'means'>,
  { weights, means }: Pick<SteerableModel, 'weights' | 'means'>,
): SteerableModel {
  return {
    ...{ info: runtime.info, weights, means },
    tokens: (text) => runtime.tokens(text),
    trace: (text, position, options) => runtime.trace(text, position, options),
  };
}
