/** Settings of training runs for tests. */
import type { TrainingConfig } from '../../models/training/config';
import type { TransformerConfig } from '../../models/transformer/config';
import { tinyConfig } from './models';

/** Valid settings of a short run; every number differs from the others of its kind. */
export function trainingConfig(
  overrides: Partial<TrainingConfig> = {},
  model: Partial<TransformerConfig> = {},
): TrainingConfig {
  return {
    name: 'tiny',
    model: tinyConfig(model),
    seed: 3,
    steps: 100,
    batch: 4,
    replicas: 2,
    optimizer: {
      matrices: 'adamw',
      momentum: 0.85,
      learningRate: 0.01,
      beta1: 0.9,
      beta2: 0.95,
      epsilon: 0.1,
      weightDecay: 0.05,
      clipRms: 1,
      warmup: 0.1,
    },
    sparsity: { l0: 0.25, annealUntil: 0.5, minPerChannel: 2 },
    idiomShare: 0.5,
    evalEvery: 50,
    evalWindows: 8,
    checkpointEvery: 25,
    provider: 'cpu',
    ...overrides,
  };
}
