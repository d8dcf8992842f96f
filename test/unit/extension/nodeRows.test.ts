import { describe, expect, it } from 'vitest';
import { nodeGroups } from '../../../extension/commands/nodeRows';
import type { Names } from '../../../extension/nodes/names';
import { siteWidth } from '../../../models/transformer/config';
import { allSites } from '../../../models/transformer/nodes';
import { sampleLabel, sampleLabels } from '../../support/labels';
import { tinyConfig } from '../../support/models';

const config = tinyConfig();
const named = (given: ReadonlyMap<string, string>): Names => ({ given, bundled: null });
const [ACTIVE, QUIET] = ['0.mlp.post_act.3', '1.mlp.post_act.5'];

describe('the rows to choose a node from', () => {
  it('have the labels that people gave, of active nodes and of others', () => {
    const labels = new Map([
      [ACTIVE, 'opens a list'],
      [QUIET, 'closes a string'],
    ]);
    const active = [{ node: ACTIVE, activation: 2, effect: -0.5 }];
    const rows = nodeGroups(config, named(labels), active).flatMap(({ rows }) => rows);
    const described = (node: string) => rows.find((row) => row.node === node)!.description;
    expect(described(ACTIVE)).toBe('“opens a list”  0.mlp.post_act.3');
    expect(rows.find((row) => row.node === ACTIVE)!.detail).toBe(
      'effect −0.50 nats · activation +2.00',
    );
    expect(described(QUIET)).toBe('“closes a string”  1.mlp.post_act.5');
    expect(described('1.mlp.post_act.6')).toBe('1.mlp.post_act.6');
  });

  it('are all nodes, each once, the given ones first', () => {
    const own = Array.from({ length: 14 }, (_, i) => ({
      node: `1.mlp.post_act.${i}`,
      activation: i,
    }));
    const groups = nodeGroups(config, named(new Map()), own);
    expect(groups.map(({ rows }) => rows.length).slice(0, 2)).toEqual([12, 2]);
    const nodes = groups.flatMap(({ rows }) => rows.map(({ node }) => node));
    expect(nodes.slice(0, 14)).toEqual(own.map(({ node }) => node));
    const widths = allSites(config).map(({ site }) => siteWidth(config, site));
    expect(nodes).toHaveLength(widths.reduce((sum, width) => sum + width, 0));
    expect(new Set(nodes).size).toBe(nodes.length);
  });

  it('have the labels of the model, a person’s before them, and say where there is none', () => {
    const bundled = sampleLabels(['comma', 'a name'], {
      [ACTIVE]: { positive: sampleLabel([1]), negative: sampleLabel([-2]) },
      [QUIET]: { negative: sampleLabel([1, -2]) },
    });
    const described = (given: Names['given'], activation: number) => {
      const rows = nodeGroups(config, { given, bundled }, [{ node: ACTIVE, activation }]);
      return rows.flatMap(({ rows }) => rows).map(({ description }) => description);
    };
    expect(described(new Map(), 1)).toContain(`comma  ${ACTIVE}`);
    expect(described(new Map(), -1)).toContain(`not a name  ${ACTIVE}`);
    expect(described(new Map(), 1)).toContain(`− comma and not a name  ${QUIET}`);
    expect(described(new Map(), 1)).toContain('no label  1.mlp.post_act.6');
    expect(described(new Map([[ACTIVE, 'mine']]), 1)).toContain(`“mine”  ${ACTIVE}`);
  });

  it('draw no picture that a label asks for', () => {
    const labels = new Map([[ACTIVE, '$(trash) gone']]);
    const [{ rows }] = nodeGroups(config, named(labels), [{ node: ACTIVE, activation: 1 }]);
    expect(rows[0].description).toMatch(/^“\$ \(trash\) gone”/);
  });
});
