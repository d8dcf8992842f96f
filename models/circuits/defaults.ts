/** Options of pruning and proof that are not given, for the command line and the editor. */
import type { PruneSettings } from './prune/outcome';
import type { ShrinkOptions } from './shrink';
import type { VerifyOptions } from './verify/verify';

export const DEFAULT_SETTINGS: PruneSettings = {
  targetLoss: 0.15,
  margin: 0.7,
  seed: 1,
  seconds: 150,
  runs: 2,
  steps: 240,
  tied: false,
  pruneEdges: false,
};

/** Pairs to prune on: most to train masks, a part to select nodes by. */
export const TRAIN_PAIRS = 384;

export const DEFAULT_VERIFY: VerifyOptions = { seed: 1, pairs: 64, randomSets: 7, seconds: 120 };

/** The target of pruning first, then losses up to near chance. */
export const DEFAULT_SHRINK: ShrinkOptions = {
  targets: [DEFAULT_SETTINGS.targetLoss, 0.3, 0.5],
  ...{ seed: 1, pairs: 24, seconds: 180 },
};
