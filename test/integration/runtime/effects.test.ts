/** Effects of ablations: equal to single traces, exactly nothing where nothing changes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effects } from '../../../models/runtime/effects';
import { Engine } from '../../../models/inference/engine';
import { ENGINES } from '../../../models/engines/engineChoice';
import type { Intervention } from '../../../models/inference/interventions';
import { trace } from '../../../models/inference/trace';
import { isHeadSite, siteWidth } from '../../../models/transformer/config';
import { allSites } from '../../../models/transformer/nodes';
import { bundleIn, randomParts, temporaryFolder, vocabConfig } from './bundles';
import { config, control, manifold, parts, text } from './small';

describe.each(ENGINES)('effects on the %s engine', (name) => {
  let engine: Engine;
  const folder = temporaryFolder();
  beforeAll(async () => {
    engine = await Engine.open(bundleIn(folder.dir, parts), 1, name);
  });
  afterAll(async () => {
    await engine.model.release();
    folder.remove();
  });

  it.each([
    ['mean', 'all', []],
    ['zero', 'here', []],
    ['zero', 'all', manifold],
    ['mean', 'here', manifold],
  ] as const)('%s ablations %s equal single traces', async (kind, positions, base) => {
    const token = 23;
    const interventions = [...base];
    const request = { text, position: { token }, ablation: { kind }, positions, interventions };
    const result = await effects(engine, request, control);
    const single = (extra: Intervention[], whole = false) =>
      trace(engine, {
        ...{ text, position: { token }, whole },
        interventions: [...interventions, ...extra],
      });
    const before = await single([], true);
    const row = token - before.window.start;
    const ofHeads = allSites(config).filter(({ site }) => isHeadSite(site));
    const active = [
      ...before.sites.flatMap(({ site, indices }) => [...indices].map((i) => `${site}.${i}`)),
      // Numbers of heads are no activations.
      ...ofHeads.flatMap(({ name }) =>
        Array.from({ length: config.heads }, (_, i) => i)
          .filter((i) => before.whole!.get(name)![row * config.heads + i] !== 0)
          .map((i) => `${name}.${i}`),
      ),
    ];
    // No mean is zero, so that its ablation changes nodes that are not active here, too.
    const sites = allSites(config).map((each) => ({
      ...each,
      width: siteWidth(config, each.site),
    }));
    const every = sites.flatMap(({ name, width }) =>
      Array.from({ length: width }, (_, i) => `${name}.${i}`),
    );
    const measured = [...result.nodes].sort();
    if (kind === 'mean' && base.length === 0) expect(measured).toEqual(every.sort());
    else if (kind === 'zero' && positions === 'here') expect(measured).toEqual(active.sort());
    else if (kind === 'zero') expect(measured).toEqual(expect.arrayContaining(active));
    const missed = every.filter((node) => !result.nodes.includes(node));
    for (const node of missed.filter((_, i) => i % 7 === 0)) {
      const where = positions === 'all' ? positions : { at: token };
      const after = await single([{ nodes: [node], positions: where, kind: { kind } }]);
      expect([...after.logprobs], node).toEqual([...before.logprobs]);
    }
    expect(before.logprobs[result.target]).toBe(Math.max(...before.logprobs));
    for (const [i, node] of result.nodes.entries()) {
      const where = positions === 'all' ? positions : { at: token };
      const after = await single([{ nodes: [node], positions: where, kind: { kind } }]);
      const expected = after.logprobs[result.target] - before.logprobs[result.target];
      expect(Math.abs(result.effects[i] - expected), node).toBeLessThan(1e-5);
    }
    const sizes = result.effects.map(Math.abs);
    expect(sizes).toEqual(sizes.slice().sort((a, b) => b - a));
    expect(sizes[0]).toBeGreaterThan(0.01);
  });

  it('of what changes nothing are nothing at all', async () => {
    const here = { text, position: { token: 23 }, positions: 'here', interventions: [] } as const;
    const ablation = { kind: 'scale', scale: 1 } as const;
    const none = await effects(engine, { ...here, ablation }, control);
    expect(none.nodes).toEqual([]);
    const nodes = ['0.attn.q.1', '1.mlp.post_act.7', '1.attn.resid_delta.4'];
    const named = await effects(engine, { ...here, ablation, nodes }, control);
    expect([...named.effects]).toEqual([0, 0, 0]);
    // A node put at its own activation stays what it is.
    const { sites } = await trace(engine, { ...here, whole: false });
    for (const node of nodes) {
      const [site, index] = [node.slice(0, node.lastIndexOf('.')), Number(node.split('.').at(-1))];
      const active = sites.find((each) => each.site === site)!;
      const value = active.values[active.indices.indexOf(index)] ?? 0;
      const own = { kind: 'value', value } as const;
      const found = await effects(engine, { ...here, ablation: own, nodes: [node] }, control);
      expect([...found.effects], node).toEqual([0]);
    }
  });

  it('is an error, and no number, where one goes beyond what 32 bits hold', async () => {
    const wild = allSites(config).map(({ name }): Intervention => ({
      nodes: Array.from({ length: 4 }, (_, i) => `${name}.${i}`),
      positions: 'all',
      kind: { kind: 'scale', scale: 1e9 },
    }));
    // The norm takes most away; without it scores overflow.
    const bare = vocabConfig({ norm: 'none', activation: 'relu', layers: 4 });
    const dir = bundleIn(folder.dir, { ...randomParts(bare, 2), name: 'bare' });
    const unbounded = await Engine.open(dir, 1);
    const request = { text, position: { token: 9 }, interventions: wild, whole: false };
    await expect(trace(unbounded, request)).rejects.toThrow('went beyond the largest number');
    await unbounded.release();
  });

  it.each(['all', 'here'] as const)(
    'of the first few, ablated %s, are the larger',
    async (positions) => {
      const ablation = { kind: 'scale', scale: 0.998 } as const;
      const request = { text, position: { token: 23 }, ablation, positions, interventions: [] };
      const all = await effects(engine, request, control);
      const few = await effects(engine, { ...request, top: 20 }, control);
      const byNode = new Map(all.nodes.map((node, i) => [node, all.effects[i]]));
      expect(few.nodes).toHaveLength(20);
      expect(few.count).toBe(all.nodes.length);
      for (const [i, node] of few.nodes.entries()) {
        expect(Math.abs(few.effects[i] - byNode.get(node)!), node).toBeLessThan(1e-5);
      }
      // So little less of a node is nearly linear, so the ranking is nearly that of the effects.
      const largest = new Set(all.nodes.slice(0, 20));
      expect(few.nodes.filter((node) => largest.has(node)).length).toBeGreaterThan(10);
    },
  );

  it('measure the given nodes on the given target', async () => {
    const nodes = ['1.mlp.post_act.2', '0.attn.v.3', '0.attn.v.3'];
    const common = {
      text,
      position: { token: 9 },
      ablation: { kind: 'value', value: 2 },
    } as const;
    const request = {
      ...common,
      positions: 'all',
      nodes,
      target: 77,
      interventions: [],
    } as const;
    const result = await effects(engine, request, control);
    expect([...result.nodes].sort()).toEqual(['0.attn.v.3', '1.mlp.post_act.2']);
    expect(result.target).toBe(77);
    await expect(effects(engine, { ...request, target: 2048 }, control)).rejects.toThrow(
      'target 2048 is no token; give 0 to 2047',
    );
  });

  it('take the likeliest token at the end of the text', async () => {
    const position = { token: engine.tokensOf(text).count - 1 };
    const { logprobs } = await trace(engine, { text, position, interventions: [], whole: false });
    const best = logprobs.indexOf(Math.max(...logprobs));
    const ablation = { kind: 'mean' } as const;
    const request = { text, position, ablation, positions: 'all', interventions: [] } as const;
    expect((await effects(engine, request, control)).target).toBe(best);
  });
});
