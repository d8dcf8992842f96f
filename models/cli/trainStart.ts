/** What `circuitscope train` begins with: the bundle that it goes on from, and that of a dense model. */
import { misfitOf } from '../bridges/parameters';
import { readBundle, resolveBundle, type Bundle } from '../bundles/bundle';
import { Tokenizer } from '../tokenizer/tokenizer';
import { leastSquaresBridges } from '../training/bridgeStart';
import type { TrainingConfig } from '../training/config';
import type { GivenModel, StartOptions } from '../training/start';
import { canContinue, widened } from '../training/widen';
import type { Weights } from '../transformer/parameters';

/** The bundle that a run goes on from; throws when its model is not that of the settings or narrower. */
export function readEarlier(dir: string, config: TrainingConfig): Bundle {
  const bundle = readBundle(dir);
  if (canContinue(bundle.config, config.model)) return bundle;
  throw new Error(
    `--from ${dir}: its config.json differs from the settings' model; only widths may differ, and must not shrink`,
  );
}

/** What a run goes on from: the bundle's model, widened, and its bridges where they are to the same dense one. */
export function earlierWeights(from: Bundle, config: TrainingConfig, dense?: GivenModel): Weights {
  const own = widened(from.weights, from.config, config.model, config.seed);
  const same = from.config.dModel === config.model.dModel && from.bridges?.hash === dense?.hash;
  const bridges = same ? from.bridges : null;
  return new Map([...own, ...(bridges?.weights ?? [])]);
}

/** Bridges start as the best linear maps between the models as they are. */
export function fitted(
  { model, bridge }: TrainingConfig,
  dense: GivenModel,
): NonNullable<StartOptions['fit']> {
  const { encoderKept } = bridge!;
  const pair = { sparse: model, dense: dense.config, encoderKept };
  return (weights, windows) => leastSquaresBridges(pair, weights, windows);
}

/**
 * The dense model of a bridged run; undefined for another.
 * @throws one line when it does not fit the settings' model or the tokenizer
 */
export function readDense(
  config: TrainingConfig,
  bundlesDir: string,
  tokenizerFile: string,
): GivenModel | undefined {
  if (!config.bridge) return undefined;
  const { dense: named, encoderKept } = config.bridge;
  const bundle = readBundle(resolveBundle(named, bundlesDir));
  const misfit = misfitOf({ sparse: config.model, dense: bundle.config, encoderKept });
  if (misfit !== null)
    throw new Error(`bridge: ${misfit}; change the settings or choose another dense model`);
  if (Tokenizer.fromJson(bundle.tokenizerJson).hash !== Tokenizer.load(tokenizerFile).hash) {
    throw new Error(
      `bridge.dense ${named} has another tokenizer than ${tokenizerFile}; choose models with the same tokenizer`,
    );
  }
  return bundle;
}
