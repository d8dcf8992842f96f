/** Numbers as people read them. */

/** A number with its sign and two digits after the point. */
export function signed(value: number, digits = 2): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
}

/** A share as a percentage with as many digits as matter. */
export function percent(share: number): string {
  const value = 100 * share;
  if (value < 0.05) return '<0.1 %';
  return `${value >= 99.95 ? '100' : value.toFixed(1)} %`;
}
