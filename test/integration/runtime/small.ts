/** A small random model on each engine, what is asked of it, and the slow evaluator's answers. */
import { expect } from 'vitest';
import type { Control } from '../../../models/inference/engine';
import type { Intervention } from '../../../models/inference/interventions';
import { siteWidth } from '../../../models/transformer/config';
import { allSites } from '../../../models/transformer/nodes';
import { softmax, referenceForward, type ReferenceIntervention } from '../../support/reference';
import { randomParts, vocabConfig } from './bundles';

export const config = vocabConfig();
export const parts = randomParts(config);
export const text =
  'def add(a, b):\n    """Sum é."""\n    return a + b\n\n\nfor i in range(9):\n    add(i, 2)\n';
export const control: Control = { progress: () => undefined, pause: () => Promise.resolve() };

/** Interventions on every site, of every kind and at all sorts of positions. */
export const manifold: Intervention[] = allSites(config).map(({ name, site }, i) => {
  const width = siteWidth(config, site);
  const nodes = [...new Set([0, 3 + (i % 5), 11].map((index) => `${name}.${index % width}`))];
  const kinds: readonly Intervention['kind'][] = [
    { kind: 'zero' },
    { kind: 'mean' },
    { kind: 'value', value: 1.5 },
    { kind: 'scale', scale: -2 },
    { kind: 'patch', values: [0.5, -1, 2].slice(0, nodes.length) },
  ];
  const positions = (['all', { at: 20 }, { from: 17 }] as const)[i % 3];
  return { nodes, positions, kind: kinds[i % 5] };
});

/** The same for the reference: keep and add, written out here from the meaning of the words. */
function forReference(interventions: Intervention[], start: number, length: number) {
  const result: Record<string, ReferenceIntervention> = {};
  for (const { name, site } of allSites(config)) {
    const width = siteWidth(config, site);
    const rows = (value: number) =>
      Array.from({ length }, () => Array.from({ length: width }, () => value));
    const [keep, add] = [rows(1), rows(0)];
    for (const { nodes, positions, kind } of interventions) {
      nodes.forEach((node, i) => {
        if (!node.startsWith(`${name}.`)) return;
        const index = Number(node.slice(name.length + 1));
        for (let row = 0; row < length; row++) {
          const token = start + row;
          if (positions !== 'all' && 'at' in positions && token !== positions.at) continue;
          if (positions !== 'all' && 'from' in positions && token < positions.from) continue;
          keep[row][index] = kind.kind === 'scale' ? kind.scale : 0;
          if (kind.kind === 'mean') add[row][index] = parts.means.get(name)![index];
          if (kind.kind === 'value') add[row][index] = kind.value;
          if (kind.kind === 'patch') add[row][index] = kind.values[i];
        }
      });
    }
    result[name] = { keep, add };
  }
  return result;
}

/** Reference log-probabilities and sites at a token, in the window that starts at `start`. */
export function reference(ids: number[], start: number, interventions: Intervention[]) {
  const edits = forReference(interventions, start, ids.length);
  const { logits, sites } = referenceForward(config, parts.weights, ids, edits);
  return { logprobs: logits.map((row) => softmax([...row]).map(Math.log)), sites };
}

/** Of two arrays of one length. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));
}
