/** What a node without a label is about, as far as its weights tell. */
import type { NodeTokens, TokenWeight } from '../../circuits/token/facts';
import { say, type Clause, type Piece } from './sentence';

/**
 * `def` → `:`, read most by the node, raised most by it; either may be missing, and null where both are. A
 * negative activation raises what the node suppresses, and comes of what inhibits it.
 * @param tokenOf a token id, to stand in a sentence
 */
export function byWeights(
  { promotes, suppresses, excitedBy, inhibitedBy }: NodeTokens,
  activation: number,
  tokenOf: (id: number) => Piece,
): Clause | null {
  const up = activation >= 0;
  const first = ([token]: readonly TokenWeight[]) => token && tokenOf(token.id);
  const read = first(up ? excitedBy : inhibitedBy);
  const raised = first(up ? promotes : suppresses);
  if (!raised) return read ? say('reads {0}', read) : null;
  return read ? say('{0} → {1}', read, raised) : say('→ {0}', raised);
}
