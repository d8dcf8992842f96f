// @ts-check
/** Markdown of the results: tables and numbers. */

/** @param {(string | number)[][]} rows the first is the head */
export function table([head, ...rows]) {
  const line = (/** @type {(string | number)[]} */ cells) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (i === 0 ? '---' : '--:'));
  return [line(head), line(rule), ...rows.map(line), ''];
}

/** @param {number} value */
export const number = (value) => value.toFixed(Math.abs(value) < 10 ? 3 : 1);
/** @param {number} share */
export const percent = (share) => `${(100 * share).toFixed(1)} %`;
/** @param {string[]} names */
export const code = (names) => names.map((name) => `\`${name}\``).join(', ');
