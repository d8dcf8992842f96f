// @ts-check
/** What many searches for a task's core came to, taken over from what `circuitscope unique` keeps. */
import { join } from 'node:path';
import { parsed } from '../files.mjs';
import { jsonFiles } from './files.mjs';

/**
 * Those that are finished, by task. Cores of whole nodes are compared by their nodes; pruned weights would
 * leave some without a use.
 * @param {import('./files.mjs').Work['folders']} folders
 * @param {import('./files.mjs').BundleId} bundle
 * @returns {{ task: string }[]}
 */
export function finishedSearches({ unique }, { name, hash }) {
  /** @type {Map<string, { task: string }>} */
  const found = new Map();
  for (const file of jsonFiles(join(unique, name))) {
    const { of, result } = parsed(file);
    const { task } = of.pairs;
    if (of.bundle.hash !== hash || task === undefined || !result) continue;
    if (of.find.settings.pruneEdges) continue;
    found.set(task, { task, ...result, common: result.common.length });
  }
  return [...found.values()];
}
