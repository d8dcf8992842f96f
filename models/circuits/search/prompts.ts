/** The prompts that a search is given, in two parts. */
import type { PairSource } from '../../tasks/source';
import type { CircuitModel } from './model';
import type { SearchPrompts } from './search';

/** Pairs to train masks on, and to select nodes by. */
export interface PairCounts {
  readonly masks: number;
  readonly selection: number;
}

/** The prompts that a search is given. */
export function searchPrompts(
  model: CircuitModel,
  source: PairSource,
  seed: number,
  pairs: PairCounts,
): SearchPrompts {
  return {
    masks: model.prompts(source, seed, pairs.masks, 'masks'),
    selection: model.prompts(source, seed, pairs.selection, 'selection'),
  };
}
