/** What colors, borders and lines of the picture mean. */

/** A sign of the legend, by what it looks like. */
export type Sign =
  | 'positive'
  | 'negative'
  | 'helps'
  | 'opposes'
  | 'joins'
  | 'off'
  | 'up'
  | 'down'
  | 'attention'
  | 'query';

export const LEGEND: readonly (readonly [Sign, string])[] = [
  ['positive', 'active, above 0'],
  ['negative', 'active, below 0'],
  ['helps', 'thick border: supports the token'],
  ['opposes', 'dotted border: opposes it'],
  ['joins', 'small: only joins others'],
  ['off', 'ablated'],
  ['up', 'arrow: pushes up'],
  ['down', 'blunt end: pushes down'],
  ['attention', 'through attention'],
  ['query', 'query or key'],
];
