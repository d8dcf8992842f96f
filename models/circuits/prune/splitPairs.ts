/** Which pairs teach masks, and which nodes are selected by. */
import type { Prompt } from '../../tasks/prompts';

/** Pairs to teach masks with and pairs to select nodes by. */
export interface SplitPairs {
  readonly select: readonly Prompt[];
  readonly teach: readonly Prompt[];
}

/** One answer in this many is kept for the pairs to select by, where answers are many. */
const ANSWER_ONE_IN = 3;
/** Of pairs with few answers, one in this many serves to select nodes by. */
const SELECT_ONE_IN = 4;
/** With fewer pairs to select by than this, all pairs serve for both. */
const LEAST_SELECT = 16;

/**
 * Splits pairs so that selection shows what masks were not taught: answers that are in no other pair
 * where they are many enough (a circuit that copies a name must copy any), other pairs where they are
 * not, and the same pairs where those are few too.
 * @param prompts side a of pair i at 2i, side b at 2i + 1
 */
export function splitPairs(prompts: readonly Prompt[]): SplitPairs {
  const apart = splitByAnswers(prompts);
  if (apart.select.length >= 2 * LEAST_SELECT) return apart;
  const pairs = Math.floor(prompts.length / 2 / SELECT_ONE_IN);
  if (pairs < LEAST_SELECT) return { select: prompts, teach: prompts };
  return { select: prompts.slice(0, 2 * pairs), teach: prompts.slice(2 * pairs) };
}

/** Pairs both of whose answers are kept for selection, and pairs neither of whose are. */
function splitByAnswers(prompts: readonly Prompt[]): SplitPairs {
  const answers = [...new Set(prompts.flatMap(({ first, second }) => [first, second]))];
  const kept = new Set(answers.filter((_, i) => i % ANSWER_ONE_IN === 0));
  return {
    select: prompts.filter(({ first, second }) => kept.has(first) && kept.has(second)),
    teach: prompts.filter(({ first, second }) => !kept.has(first) && !kept.has(second)),
  };
}
