/**
 * The concept that a node's activation of one sign tells best. Everything is chosen on one half of the
 * windows, whether it may look beyond the token included, and scored on the other, so that no choice
 * flatters the score.
 */
import { CONCEPTS } from './concepts';
import { WORTH, type Half, type Scored } from './half';
import { levelEdges, levelsOf } from './levels';

/** The label of a node's sign, and the control: the best that looks at the token alone. */
export interface Found {
  readonly label: Scored;
  readonly tokenOnly: Scored;
}

/** Lowest correlation of an accepted label. */
export const ACCEPTED = 0.3;

const ALL = CONCEPTS.map(() => true);
const TOKEN_ONLY = CONCEPTS.map(({ tokenOnly }) => tokenOnly);

/**
 * The label of an activation; null for one that is hardly ever active.
 * @param choosing activation of one sign in the first half, [pos], not positive where it has the other
 * @param scoring the same in the second half
 * @param shift positions by which text and activations are parted, as a control that finds chance
 */
export function findLabel(
  [first, second]: readonly [Half, Half],
  choosing: Float32Array,
  scoring: Float32Array,
  shift = 0,
): Found | null {
  const edges = levelEdges(choosing);
  const [best, tokenOnly] = first.choose(levelsOf(choosing, edges), [ALL, TOKEN_ONLY], shift);
  if (!best || !tokenOnly) return null;
  const levels = levelsOf(scoring, edges);
  const control = second.score(tokenOnly, levels, edges, shift);
  const needsText = best.correlation > tokenOnly.correlation + WORTH;
  return {
    label: needsText ? second.score(best, levels, edges, shift) : control,
    tokenOnly: control,
  };
}

/** Whether a label is good enough, and one that looks beyond the token better than its control. */
export function isAccepted({ label, tokenOnly }: Found): boolean {
  const holdsUp = label === tokenOnly || label.correlation > tokenOnly.correlation;
  return label.correlation >= ACCEPTED && holdsUp;
}
