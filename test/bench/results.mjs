// @ts-check
/** The figures of benchmarks as they are kept: those of some replace what was kept of the same. */
import { isDeepStrictEqual } from 'node:util';

/**
 * @typedef {object} Figure
 * @property {string} bench
 * @property {string} name
 * @property {string} unit
 * @property {number} median
 * @property {number} [low]
 * @property {number} [high]
 * @property {number} [p95]
 * @property {number} count
 * @property {string} target
 * @property {{ of: string, times: number }} [scaling]
 */
/** @typedef {{ bundle: { name: string, hash: string }, cores: number, node: string }} About what was measured, and where */
/** @typedef {About & { figures: Figure[] }} Kept */

/**
 * The figures of benchmarks that were run, beside those of others that were kept, in the order of the
 * benchmarks; of another bundle or machine none.
 * @param {Kept | null} kept
 * @param {About} about
 * @param {{ bench: string, figures: Figure[] }[]} results
 * @param {string[]} order names of the benchmarks
 */
export function merged(kept, about, results, order) {
  const ran = results.map(({ bench }) => bench);
  const others = kept && isLike(kept, about) ? kept.figures : [];
  const all = [
    ...others.filter(({ bench }) => !ran.includes(bench)),
    ...results.flatMap(({ figures }) => figures),
  ];
  return all.sort((one, other) => order.indexOf(one.bench) - order.indexOf(other.bench));
}

/**
 * @param {About} one
 * @param {About} other
 */
function isLike({ bundle, cores, node }, other) {
  return isDeepStrictEqual({ bundle, cores, node }, other);
}

/**
 * Rows of a Markdown table.
 * @param {Figure[]} figures
 */
export function table(figures) {
  const rows = figures.map(({ name, unit, median, low, high, p95, count, target }) => {
    const spread = low === undefined ? `95 % below ${p95}` : `${low} to ${high}`;
    const value = unit === 'ratio' ? String(median) : `${median} ${unit}`;
    return `| ${name} | ${value} | ${spread} | ${count} | ${target} |`;
  });
  const head = ['| what | median | quartiles | count | target |', '| - | - | - | - | - |'];
  return [...head, ...rows].join('\n') + '\n';
}
