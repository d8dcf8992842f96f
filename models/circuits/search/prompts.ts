/** The two sets of prompts of a search. */
import type { PairSource } from '../../tasks/source';
import type { CircuitModel } from './model';
import type { SearchPrompts } from './search';

/** Numbers of pairs to train masks on, and to select nodes on. */
export interface PairCounts {
  readonly masks: number;
  readonly selection: number;
}

/** Takes the prompts of a search from a source. */
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
