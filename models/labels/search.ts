/**
 * The concept that a node's activation of one sign tells best. Everything is chosen on one half of the
 * windows, whether it may look beyond the token included, and scored on the other, so that no choice
 * flatters the score.
 */
import { CONCEPTS } from './concepts';
import { WORTH, type Half, type Scored, type Term } from './half';
import { levelEdges, levelsOf } from './levels';

/** The label of a node's sign. */
export interface Found {
  readonly label: Scored;
  /** Whether it looks beyond the token. */
  readonly needsText: boolean;
  /** The control: the best terms that look at the token alone, wherever the node is strongest. */
  readonly tokenOnly: Scored;
}

/** Lowest correlation of an accepted label. */
export const ACCEPTED = 0.3;

/**
 * What a correlation counts when terms fail where the node is strongest: a label that holds there too is
 * preferred to one that tells the bulk a little better.
 */
const ELSEWHERE = 0.75;

/** Every concept and its negation. */
const EVERY: readonly Term[] = [...CONCEPTS.keys()].flatMap((concept) => [
  { concept, negated: false },
  { concept, negated: true },
]);
const TOKEN_ONLY = EVERY.filter(({ concept }) => CONCEPTS[concept].tokenOnly);
/** Any terms, those that look at the token alone, and of these the best whatever the strongest are. */
const WANTED = [
  { terms: EVERY, elsewhere: ELSEWHERE },
  { terms: TOKEN_ONLY, elsewhere: ELSEWHERE },
  { terms: TOKEN_ONLY, elsewhere: 1 },
];

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
  const [any, ofToken, control] = first.choose(levelsOf(choosing, edges), WANTED, shift);
  if (!any || !ofToken || !control) return null;
  const levels = levelsOf(scoring, edges);
  const needsText = any.correlation > control.correlation + WORTH;
  const label = second.score(needsText ? any : ofToken, levels, edges, shift);
  return { label, needsText, tokenOnly: second.score(control, levels, edges, shift) };
}

/** Whether a label is good enough, and one that looks beyond the token better than its control. */
export function isAccepted({ label, needsText, tokenOnly }: Found): boolean {
  return label.correlation >= ACCEPTED && (!needsText || label.correlation > tokenOnly.correlation);
}
