import { describe, expect, it } from 'vitest';
import type { SteerableModel } from '../../../models/steering/models';
import { alteredNodes, isRead, RandomSets } from '../../../models/steering/randomSets';
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

/** Five sets for a core, of which the altered nodes come first. */
function sets(core: readonly string[], altered: readonly string[], backups: string[] = []) {
  const parsed = core.map((name) => parseNode(name, config));
  const random = new RandomSets(config, parsed, [...core, ...backups], new Set(altered));
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
      expect(set.map(siteOf)).toEqual(core.map(siteOf));
      expect(new Set(set).size).toBe(5);
      for (const name of set) {
        expect([...core, ...backups]).not.toContain(name);
        expect(altered).toContain(name);
      }
    }
    expect(new Set(drawn.map((set) => set.toSorted().join())).size).toBeGreaterThan(1);
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

describe('nodes that ablation alters', () => {
  it('differ from their mean somewhere in some text', async () => {
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
    const altered = await alteredNodes(model as unknown as SteerableModel, ['ab', 'abc']);
    expect([...altered]).toEqual(['0.attn.q.3', '0.attn.q.15']);
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
