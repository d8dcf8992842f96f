/** Learning rate and sparsity over a run: the "sharkfin" of arXiv 2511.13653, appendix on training. */
import type { TrainingConfig } from './config';

/**
 * Fraction of weights kept after step `step` (from 0): from `annealFrom` to the target in a straight
 * line (power 1, the paper's) or fast at first and ever more slowly (power 3: Zhu and Gupta, arXiv 1710.01878).
 */
export function l0At(config: TrainingConfig, step: number): number {
  const { l0, annealFrom = 1, annealUntil, annealPower = 1 } = config.sparsity;
  const progress = annealUntil === 0 ? 1 : Math.min(1, (step + 1) / (annealUntil * config.steps));
  const rest = (1 - progress) ** annealPower;
  // In this order, so that the end is the target to the last bit.
  return rest * annealFrom + (1 - rest) * l0;
}

/** Learning rate of step `step` (from 0): warm-up, linear decay to zero, over sqrt(L0 fraction). */
export function learningRateAt(config: TrainingConfig, step: number): number {
  const { learningRate, warmup } = config.optimizer;
  const rise = warmup === 0 ? 1 : Math.min(1, (step + 1) / (warmup * config.steps));
  const decay = 1 - step / config.steps;
  return (learningRate * rise * decay) / Math.sqrt(l0At(config, step));
}
