/** The labels that are shipped, and what docs/labels.md says of them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readBundle } from '../../../models/bundles/bundle';
import { labelsOfNode, labelText } from '../../../models/bundles/labels';
import { CONCEPTS } from '../../../models/labels/concepts';
import { labelShares } from '../../../models/labels/shares';

const bundle = readBundle('models/bundles/python-sparse');
const labels = bundle.labels!;
const page = readFileSync('docs/labels.md', 'utf8');
const said = (what: string) => {
  const row = page.split('\n').find((line) => line.startsWith(`| ${what} `));
  return Array.from(row!.split('|')[2].matchAll(/[\d.]+/g), ([number]) => Number(number));
};
const share = (some: number, all: number) => [some, all, Number(((100 * some) / all).toFixed(1))];

describe('what docs/labels.md says', () => {
  it('is what the labels in the bundle amount to', () => {
    const { nodes, weights, causal } = labelShares(bundle, labels);
    const signs = Object.values(labels.nodes).flatMap(labelsOfNode);
    const { tried, chance } = labels.accepted;
    expect(said('nodes with a label of either sign')).toEqual(share(nodes.some, nodes.all));
    expect(said('labels')).toEqual([signs.length, tried]);
    expect(said('labels that need the text around the token')).toEqual([
      signs.filter(({ correlation, tokenOnly }) => correlation > tokenOnly).length,
    ]);
    expect(said('labels that nodes got for text that is not theirs')).toEqual([
      chance.accepted,
      chance.tried,
    ]);
    expect(said("nonzero weights of the layers' matrices")).toEqual(
      share(weights.some, weights.all),
    );
    expect(said('labels that ablation confirms')).toEqual(share(causal.some, causal.all));
  });

  it('of twenty labels is what these labels are', () => {
    const rows = Array.from(
      page.matchAll(/^\| `(\S+)` *\| ([+−]) *\|([^|]+)\|([^|]+)\|([^|]+)\|/gm),
    );
    expect(rows).toHaveLength(20);
    for (const [, node, sign, text, correlation, f1] of rows) {
      const label = labels.nodes[node][sign === '+' ? 'positive' : 'negative']!;
      expect(text.trim(), node).toBe(labelText(labels, label));
      expect(Math.abs(Number(correlation) - label.correlation), node).toBeLessThanOrEqual(0.006);
      expect(Math.abs(Number(f1) - label.f1), node).toBeLessThanOrEqual(0.006);
    }
  });
});

it('names concepts that there are, so that each can be looked up', () => {
  expect(labels.concepts).toEqual(CONCEPTS.map(({ name }) => name));
});
