/** Every concept there is, in one order that bundles name them in. */
import { BRACKETS } from './brackets';
import type { Concept } from './concept';
import { LINES } from './lines';
import { NAMES } from './names';
import { NEXT } from './next';
import { STATEMENTS } from './statements';
import { STRINGS } from './strings';
import { WORDS } from './words';

export type { Concept } from './concept';

export const CONCEPTS: readonly Concept[] = [
  ...WORDS,
  ...STRINGS,
  ...BRACKETS,
  ...STATEMENTS,
  ...LINES,
  ...NAMES,
  ...NEXT,
];
