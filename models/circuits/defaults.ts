/** Default options of pruning and proof, for the command line and the editor. */
import type { PairCounts } from './search/prompts';
import type { ProveOptions } from './proof/prove';
import type { SearchSettings } from './search/outcome';
import type { ShrinkOptions } from './shrink';

export const DEFAULT_SETTINGS: SearchSettings = {
  targetLoss: 0.15,
  margin: 0.5,
  edgeMargin: 0.8,
  seed: 1,
  seconds: 600,
  runs: 1,
  steps: 240,
  tied: false,
  pruneEdges: true,
};

/** Pairs to train masks on, and to select nodes on. */
export const SEARCH_PAIRS: PairCounts = { masks: 256, selection: 64 };

export const DEFAULT_PROOF: ProveOptions = { seed: 1, pairs: 48, seconds: 900 };

/** The target of pruning first, then larger losses, almost up to chance. */
export const DEFAULT_SHRINK: ShrinkOptions = {
  targets: [DEFAULT_SETTINGS.targetLoss, 0.3, 0.5],
  ...{ seed: 1, pairs: 24, seconds: 180 },
};
