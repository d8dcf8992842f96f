// @ts-check
/** What searches with many seeds say: is a task's circuit the only one? */
import { code, percent, table } from './markdown.mjs';

/** @typedef {import('./data.mjs').Model} Model */
/** @typedef {import('./data.mjs').Unique} Unique */

/**
 * The least and the most of some numbers.
 * @param {number[]} values
 */
function range(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? String(least) : `${least} to ${most}`;
}

/**
 * What was found without the nodes that all cores share.
 * @param {Unique['withoutCommon']} found
 * @param {number} seeds
 * @param {(of: Unique['cores']) => string} nodes
 */
function withoutText(found, seeds, nodes) {
  const [all, of] = Array.isArray(found) ? [found, seeds] : [found ? [found] : [], 1];
  return `${all.length} of ${of}${all.length > 0 ? `: ${nodes(all)} nodes` : ''}`;
}

/** @param {Unique} one */
function row({ task, seeds, cores, jaccard, common, withoutCommon, peeled, peeledAll }) {
  const nodes = (/** @type {Unique['cores']} */ of) => range(of.map((core) => core.nodes));
  return [
    `\`${task}\``,
    `${cores.length} of ${seeds}`,
    cores.length > 0 ? nodes(cores) : '',
    jaccard === null ? '' : percent(jaccard),
    common,
    common === 0 ? '' : withoutText(withoutCommon, seeds, nodes),
    `${peeled.length}${peeledAll ? ' or more' : ''}`,
    peeled.length > 0 ? nodes(peeled) : '',
  ];
}

/**
 * Nothing where no model was searched with many seeds.
 * @param {Model[]} models
 */
export function uniquePart(models) {
  const searched = models.filter(({ unique }) => unique.length > 0);
  if (searched.length === 0) return [];
  return [
    '## Is a circuit the only one?',
    '',
    'Searches for one task on the same prompts, each with another seed of its masks, for a core of whole nodes: how ' +
      'many found one, how many nodes it has, how many nodes two of them share (of those of either, the mean), how many ' +
      'are in all, and with how many seeds a core is found where these may not be used, and of how many nodes. _Disjoint_: cores found one after the other, ' +
      'each without the nodes of all before, and their nodes. Made by `circuitscope unique TASK --whole-nodes --out FILE`.',
    '',
    ...searched.flatMap(({ bundle, unique }) => {
      const stopped = unique.filter((one) => one.stopped).map(({ task }) => task);
      return [
        `### ${bundle.name}`,
        '',
        ...(stopped.length === 0
          ? []
          : [`Some search of ${code(stopped)} was stopped by the clock.`, '']),
        ...table([
          [
            ...['task', 'found', 'nodes', 'shared by two', 'in all', 'without those'],
            ...['disjoint', 'their nodes'],
          ],
          ...unique.map(row),
        ]),
      ];
    }),
  ];
}
