import { describe, expect, it } from 'vitest';
import type { SteerableModel } from '../../../models/steering/models';
import { ablationMoves, isRead, RandomSets } from '../../../models/steering/randomSets';
import { Rng } from '../../../models/random';
import { siteWidth } from '../../../models/transformer/config';
import { allSites, nodeName, parseNode } from '../../../models/transformer/nodes';
import { randomMeans, tinyConfig } from '../../support/models';

const config = tinyConfig();
const all = allSites(config).flatMap(({ layer, site }) =>
  Array.from({ length: siteWidth(config, site) }, (_, index) => nodeName({ layer, site, index })),
);
const siteOf = (name: string) => name.replace(/\.\d+$/, '');
const nodes = (site: string, count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => `${site}.${from + i}`);

/** Five sets for a core, where ablation moves some nodes so far. */
function sets(
  core: readonly string[],
  moved: readonly string[] | ReadonlyMap<string, number>,
  backups: string[] = [],
) {
  const parsed = core.map((name) => parseNode(name, config));
  const moves = 'get' in moved ? moved : new Map(moved.map((name) => [name, 1] as const));
  const random = new RandomSets(config, parsed, [...core, ...backups], moves);
  const rng = new Rng(1);
  return Array.from({ length: 5 }, () => random.draw(rng));
}

describe('random sets of nodes', () => {
  it('are drawn at the sites of a core, of nodes that ablation alters and that are none of the circuit', () => {
    const core = [...nodes('0.attn.q', 2), ...nodes('1.mlp.post_act', 3)];
    const backups = nodes('0.attn.q', 2, 2);
    const altered = [...nodes('0.attn.q', 8), ...nodes('1.mlp.post_act', 12)];
    const drawn = sets(core, [...altered, ...nodes('1.attn.v', 9)], backups);
    for (const set of drawn) {
      expect(set.map(siteOf).sort()).toEqual(core.map(siteOf).sort());
      expect(new Set(set).size).toBe(5);
      for (const name of set) {
        expect([...core, ...backups]).not.toContain(name);
        expect(altered).toContain(name);
      }
    }
    expect(new Set(drawn.map((set) => set.toSorted().join())).size).toBeGreaterThan(1);
  });

  it('are of nodes that ablation moves about as far as those of the core, or else nearly so', () => {
    const core = nodes('0.attn.q', 2);
    const moves = new Map([
      ...nodes('0.attn.q', 1).map((name) => [name, 1] as const),
      ...nodes('0.attn.q', 1, 1).map((name) => [name, 100] as const),
      ...nodes('0.attn.q', 4, 2).map((name, i) => [name, 0.001 * (i + 1)] as const),
      ...nodes('0.attn.q', 2, 6).map((name, i) => [name, i === 0 ? 0.6 : 1.9] as const),
      ...nodes('0.attn.q', 2, 8).map((name, i) => [name, 20 + i] as const),
    ]);
    const drawn = sets(core, moves);
    for (const set of drawn) {
      // The largest that there is stands for the node of 100; either of two for that of 1.
      expect(set).toContain('0.attn.q.9');
      expect(set.filter((name) => ['0.attn.q.6', '0.attn.q.7'].includes(name))).toHaveLength(1);
    }
    expect(new Set(drawn.map((set) => set.toSorted().join())).size).toBe(2);
  });

  it('are as large as the core where a site is short: first of altered nodes that are read elsewhere', () => {
    const core = nodes('0.attn.q', 14);
    const elsewhere = [...nodes('1.attn.v', 13), ...nodes('1.mlp.post_act', 30)];
    // One other of the site is altered, and one is not.
    for (const set of sets(core, [...core, '0.attn.q.15', ...elsewhere])) {
      expect(set.toSorted()).toEqual(['0.attn.q.15', ...nodes('1.attn.v', 13)].toSorted());
    }
    // With one altered node fewer that is read comes one of the last MLP.
    for (const set of sets(core, ['0.attn.q.15', ...elsewhere.slice(1)])) {
      expect(set.filter((name) => name.startsWith('1.mlp.'))).toHaveLength(1);
      expect(set).toHaveLength(14);
    }
    // Then any others.
    for (const set of sets(core, ['0.attn.q.15'])) {
      expect(set).toHaveLength(14);
      expect(set).toContain('0.attn.q.15');
    }
  });

  it('have the nodes that there are where the model has too few', () => {
    for (const set of sets(all.slice(0, -3), [])) {
      expect(set.toSorted()).toEqual(all.slice(-3).toSorted());
    }
  });
});

describe('how far ablation moves a node', () => {
  it('is its mean distance from the mean over the tokens of all texts', async () => {
    const means = randomMeans(config, 1);
    const model = {
      ...{ info: { config }, means },
      tokens: (text: string) => Promise.resolve({ ids: new Uint16Array(text.length) }),
      trace: (text: string, { token }: { token: number }) => {
        expect(token).toBe(text.length - 1);
        const whole = new Map(
          allSites(config).map(({ name }) => {
            const mean = means.get(name)!;
            const rows = Array.from({ length: text.length }, () => [...mean]).flat();
            return [name, Float32Array.from(rows)];
          }),
        );
        // A node at the first token of one text, another at the last of the other.
        const q = whole.get('0.attn.q')!;
        if (text === 'ab') q[3] = 0;
        else q[q.length - 1] = 0;
        return Promise.resolve({ whole });
      },
    };
    const moves = await ablationMoves(model as unknown as SteerableModel, ['ab', 'abc']);
    const moved = [...moves].filter(([, move]) => move > 0);
    expect(moved.map(([name]) => name)).toEqual(['0.attn.q.3', '0.attn.q.15']);
    for (const [name, move] of moved) {
      expect(move).toBeCloseTo(
        Math.abs(means.get('0.attn.q')![parseNode(name, config).index]) / 5,
        6,
      );
    }
    expect(moves.size).toBe(all.length);
  });
});

it('what the last MLP does is read by nothing', () => {
  const read = (name: string) => isRead(parseNode(name, config), config);
  const unread = all.filter((name) => !read(name));
  expect(new Set(unread.map(siteOf))).toEqual(
    new Set(['1.mlp.act_in', '1.mlp.post_act', '1.mlp.resid_delta']),
  );
  const final = tinyConfig({ finalResid: true });
  expect(isRead(parseNode('final_resid.0', final), final)).toBe(false);
});
