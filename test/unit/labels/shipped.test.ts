/** The labels that are shipped, and what docs/labels.md says of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBundle } from '../../../models/bundles/bundle';
import { labelsOfNode, labelText } from '../../../models/bundles/labels';
import { readCircuit } from '../../../models/circuits/file/circuitFile';
import { CONCEPTS } from '../../../models/labels/concepts';
import { drawLabels } from '../../../models/labels/draw';
import { labelShares } from '../../../models/labels/shares';

const bundles = ['python-sparse', 'python-dense'].map((name) =>
  readBundle(`models/bundles/${name}`),
);
const labels = bundles[0].labels!;
const page = readFileSync('docs/labels.md', 'utf8');
const said = (what: string, column: number) => {
  const row = page.split('\n').find((line) => line.startsWith(`| ${what} `));
  return Array.from(row!.split('|')[column].matchAll(/[\d.]+/g), ([number]) => Number(number));
};
const share = (some: number, all: number) => [some, all, Number(((100 * some) / all).toFixed(1))];

describe('what docs/labels.md says', () => {
  it.each(bundles.map((bundle, i) => [bundle.name, bundle, i + 2] as const))(
    'is what the labels of %s amount to',
    (_, bundle, column) => {
      const labels = bundle.labels!;
      const { nodes, strongest, weights, confirmed, raisesLoss } = labelShares(bundle, labels);
      const signs = Object.values(labels.nodes).flatMap(labelsOfNode);
      const { tried, chance } = labels.accepted;
      expect(said('nodes with a label of either sign', column)).toEqual(
        share(nodes.some, nodes.all),
      );
      expect(said('labels', column)).toEqual([signs.length, tried]);
      expect(said('labels that need the text around the token', column)).toEqual([
        signs.filter(({ correlation, tokenOnly }) => correlation > tokenOnly).length,
      ]);
      expect(said('labels accepted with the text shifted (chance)', column)).toEqual([
        chance.accepted,
        chance.tried,
      ]);
      expect(said("nonzero weights of the layers' matrices", column)).toEqual(
        share(weights.some, weights.all),
      );
      expect(said('labels that hold where their node is strongest', column)).toEqual(
        share(strongest.some, strongest.all),
      );
      for (const [what, { some, all }] of [
        ['ablated, predictions change more where the label holds', confirmed],
        ['ablated, the loss rises more where the label holds', raisesLoss],
      ] as const) {
        expect(said(what, column), what).toEqual(all === 0 ? [] : share(some, all));
      }
    },
  );

  it('of twenty labels is what these labels are', () => {
    const rows = Array.from(
      page.matchAll(/^\| `(\S+)` *\| ([+−]) *\|([^|]+)\|([^|]+)\|([^|]+)\|([^|]+)\|/gm),
    );
    expect(rows).toHaveLength(20);
    const drawn = drawLabels({ ...bundles[0], labels }, 20, 1).map(({ node, sign }) => node + sign);
    for (const [, node, sign, text, ...scores] of rows) {
      const label = labels.nodes[node][sign === '+' ? 'positive' : 'negative']!;
      expect(text.trim(), node).toBe(labelText(labels, label));
      expect(drawn).toContain(node + (sign === '+' ? 'positive' : 'negative'));
      [label.correlation, label.f1, label.strongest].forEach((score, i) => {
        expect(Math.abs(Number(scores[i]) - score), node).toBeLessThanOrEqual(0.006);
      });
    }
  });
});

it('are in README.md as many as they are', () => {
  const [own, dense] = bundles.map((bundle) => labelShares(bundle, bundle.labels!));
  const shares = [own.nodes, own.weights, dense.weights];
  const bullet = readFileSync('README.md', 'utf8').match(/^- \[Labels\].*$/m)![0];
  expect(Array.from(bullet.matchAll(/\d+(?= %)/g), ([number]) => Number(number))).toEqual(
    shares.map(({ some, all }) => Math.round((100 * some) / all)),
  );
});

it('name more than 60 % of the core of every shipped circuit', () => {
  const folder = 'models/bundles/python-sparse/circuits';
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const { core } = readCircuit(join(folder, file));
    const some = core.filter((node) => Object.hasOwn(labels.nodes, node)).length;
    expect(some / core.length, file).toBeGreaterThan(0.6);
  }
});

it('names concepts that there are, so that each can be looked up', () => {
  for (const { labels } of bundles) {
    expect(labels!.concepts).toEqual(CONCEPTS.map(({ name }) => name));
  }
});
