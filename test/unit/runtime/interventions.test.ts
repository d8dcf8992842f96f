import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  compileInterventions,
  parseInterventionSet,
  type Intervention,
  type InterventionSet,
  type SavedIntervention,
} from '../../../models/inference/interventions';
import { siteWidth } from '../../../models/transformer/config';
import { allSites } from '../../../models/transformer/nodes';
import { tinyConfig } from '../../support/models';

const config = tinyConfig();
const means = new Map(
  allSites(config).map(({ name, site }) => [
    name,
    Float32Array.from({ length: siteWidth(config, site) }, (_, i) => i + 0.5),
  ]),
);

/** What a site's value becomes: rows [pos] of the node's value after the edits, from 10 each. */
function valuesOf(interventions: Intervention[], site: string, index: number): number[] {
  const window = { start: 4, end: 10 };
  const edit = compileInterventions(interventions, { config, means }, window).get(site)!;
  return Array.from({ length: 6 }, (_, row) => {
    const at = (edit.rows === 1 ? 0 : row) * edit.width + index;
    return 10 * edit.keep[at] + edit.add[at];
  });
}

describe('compileInterventions', () => {
  const nodes = ['0.mlp.post_act.3'];
  const site = '0.mlp.post_act';
  const all = (kind: Intervention['kind']): Intervention => ({ nodes, positions: 'all', kind });

  it('knows every kind', () => {
    expect(valuesOf([all({ kind: 'zero' })], site, 3)).toEqual(Array(6).fill(0));
    expect(valuesOf([all({ kind: 'mean' })], site, 3)).toEqual(Array(6).fill(3.5));
    expect(valuesOf([all({ kind: 'value', value: -2 })], site, 3)).toEqual(Array(6).fill(-2));
    expect(valuesOf([all({ kind: 'scale', scale: 0.5 })], site, 3)).toEqual(Array(6).fill(5));
    expect(valuesOf([all({ kind: 'patch', values: [7] })], site, 3)).toEqual(Array(6).fill(7));
  });

  it('leaves the other nodes and the other sites alone', () => {
    const edits = compileInterventions(
      [all({ kind: 'zero' })],
      { config, means },
      { start: -1, end: 5 },
    );
    expect([...edits.keys()]).toEqual([site]);
    const { keep, add, rows } = edits.get(site)!;
    expect(rows).toBe(1);
    expect([...keep.entries()].filter(([, k]) => k !== 1)).toEqual([[3, 0]]);
    expect(add.every((x) => x === 0)).toBe(true);
  });

  it('takes positions as tokens of the text, whatever the window', () => {
    const kind = { kind: 'zero' } as const;
    expect(valuesOf([{ nodes, positions: { at: 6 }, kind }], site, 3)).toEqual([
      10, 10, 0, 10, 10, 10,
    ]);
    expect(valuesOf([{ nodes, positions: { from: 7 }, kind }], site, 3)).toEqual([
      10, 10, 10, 0, 0, 0,
    ]);
    expect(valuesOf([{ nodes, positions: { from: 0 }, kind }], site, 3)).toEqual(Array(6).fill(0));
    for (const outside of [{ at: 3 }, { at: 10 }, { from: 10 }]) {
      expect(valuesOf([{ nodes, positions: outside, kind }], site, 3)).toEqual(Array(6).fill(10));
    }
  });

  it('applies later interventions to what the earlier ones left', () => {
    const value = all({ kind: 'value', value: 4 });
    const double: Intervention = { nodes, positions: { at: 5 }, kind: { kind: 'scale', scale: 2 } };
    expect(valuesOf([value, double], site, 3)).toEqual([4, 8, 4, 4, 4, 4]);
    expect(valuesOf([double, value], site, 3)).toEqual(Array(6).fill(4));
  });

  it('gives each node its own patched value', () => {
    const patch: Intervention = {
      nodes: ['1.attn.q.2', '1.attn.q.5'],
      positions: 'all',
      kind: { kind: 'patch', values: [1, 2] },
    };
    expect(valuesOf([patch], '1.attn.q', 2)[0]).toBe(1);
    expect(valuesOf([patch], '1.attn.q', 5)[0]).toBe(2);
    expect(valuesOf([patch], '1.attn.q', 3)[0]).toBe(10);
  });

  it('changes a node once that it names twice, and takes one patched value for it', () => {
    const twice: Intervention = {
      nodes: [...nodes, ...nodes],
      positions: 'all',
      kind: { kind: 'scale', scale: 2 },
    };
    expect(valuesOf([twice], site, 3)).toEqual(Array(6).fill(20));
    const patch: Intervention = {
      nodes: ['1.attn.q.2', '1.attn.q.02'],
      positions: 'all',
      kind: { kind: 'patch', values: [1, 2] },
    };
    expect(() => valuesOf([patch], '1.attn.q', 2)).toThrow('patch names 1.attn.q.2 twice');
  });

  it('refuses what multiplies to more than the largest number, however it is spread', () => {
    const scale = (by: number): Intervention => {
      return { nodes, positions: 'all', kind: { kind: 'scale', scale: by } };
    };
    const value: Intervention = { nodes, positions: 'all', kind: { kind: 'value', value: 1e5 } };
    for (const set of [
      [scale(1e5), scale(1e5)],
      [scale(-1e9), scale(2)],
      [value, scale(1e5)],
    ]) {
      expect(() => valuesOf(set, site, 3)).toThrow('multiply to more than 1000000000');
    }
    expect(valuesOf([scale(1e5), scale(1e-5)], site, 3)[0]).toBeCloseTo(10, 4);
  });

  it('refuses nodes that the model does not have', () => {
    const bad: Intervention = { nodes: ['2.attn.q.0'], positions: 'all', kind: { kind: 'zero' } };
    const compile = () => compileInterventions([bad], { config, means }, { start: -1, end: 3 });
    expect(compile).toThrow("node '2.attn.q.0': the model has layers 0 to 1");
  });
});

describe('parseInterventionSet', () => {
  it.each([
    { kind: 'value', value: 1e38 },
    { kind: 'value', value: -1e38 },
    { kind: 'scale', scale: 1e10 },
    { kind: 'patch', values: [0, 1e10] },
  ])('refuses %j, which could leave the numbers that a model computes with', (kind) => {
    const interventions = [{ nodes: ['0.mlp.post_act.3'], positions: 'all', kind }];
    expect(() => parseInterventionSet({ name: 'x', interventions }, 'x.json')).toThrow(
      /^x\.json: interventions\.0\.kind\S*: is (above|below) -?1000000000$/,
    );
  });

  const one = { nodes: ['0.attn.q.0'], positions: 'all', kind: { kind: 'zero' } };
  const parse = (change: object) =>
    parseInterventionSet({ name: 'mine', interventions: [{ ...one, ...change }] }, 'mine.json');

  it('takes what JSON holds and gives it back', () => {
    const set = {
      name: 'quotes',
      interventions: [
        one,
        { ...one, positions: { at: 3 }, kind: { kind: 'patch', values: [0.25] } },
        { ...one, positions: { from: -1 }, kind: { kind: 'scale', scale: 2 } },
      ],
    };
    expect(parseInterventionSet(JSON.parse(JSON.stringify(set)), 'x')).toEqual(set);
  });

  it.each([
    ['an unknown kind', { kind: { kind: 'off' } }, 'interventions.0.kind.kind'],
    ['a value that is missing', { kind: { kind: 'value' } }, 'interventions.0.kind.value'],
    ['no nodes', { nodes: [] }, 'name at least one node'],
    ['unknown positions', { positions: 'some' }, 'write "all", {"at": TOKEN} or {"from": TOKEN}'],
    ['too few values', { kind: { kind: 'patch', values: [] } }, 'one value for each node'],
    ['an unknown field', { node: 'x' }, 'interventions.0.node'],
  ])('refuses %s in one line that names the place', (_, change, message) => {
    expect(() => parse(change)).toThrow(message);
    expect(() => parse(change)).toThrow(/^mine\.json: [^\n]+$/);
  });

  it('refuses data of another shape', () => {
    expect(() => parseInterventionSet([], 'x.json')).toThrow('x.json: ');
    expect(() => parseInterventionSet({ interventions: [] }, 'x.json')).toThrow('x.json: name');
  });
});

it('has a page that names every field, and whose example is one', () => {
  const page = readFileSync('docs/interventions.md', 'utf8');
  // The compiler holds these against the format.
  const ofSet: Record<keyof InterventionSet, 1> = { name: 1, bundle: 1, interventions: 1 };
  const ofOne: Record<keyof SavedIntervention, 1> = {
    ...{ nodes: 1, into: 1, positions: 1, kind: 1, place: 1 },
  };
  const ofPlace: Record<keyof NonNullable<SavedIntervention['place']>, 1> = {
    ...{ file: 1, line: 1, offset: 1, text: 1, before: 1, after: 1, part: 1 },
  };
  const ofKind: Record<SavedIntervention['kind']['kind'], 1> = {
    ...{ mean: 1, zero: 1, value: 1, scale: 1, patch: 1 },
  };
  for (const field of Object.keys({ ...ofSet, ...ofOne })) expect(page).toMatch(`| \`${field}\` `);
  for (const field of Object.keys(ofPlace)) expect(page).toMatch(`\`${field}\``);
  for (const kind of Object.keys(ofKind)) expect(page).toContain(`{"kind": "${kind}"`);
  const [example] = /(?<=```json\n)[^]*?(?=```)/.exec(page)!;
  expect(parseInterventionSet(JSON.parse(example), 'it').interventions).toHaveLength(3);
});
