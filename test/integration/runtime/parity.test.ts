/** The engine against the slow evaluator: windows, taps at all eight sites, and interventions. */
import { ENGINES } from '../../../models/runtime/engineChoice';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Engine, type Control } from '../../../models/runtime/engine';
import { effects } from '../../../models/runtime/effects';
import { lens } from '../../../models/runtime/lens';
import type { Intervention } from '../../../models/runtime/interventions';
import { activations, surprisal } from '../../../models/runtime/scan';
import { trace } from '../../../models/runtime/trace';
import { SITES, siteWidth } from '../../../models/transformer/config';
import { allSites } from '../../../models/transformer/nodes';
import { softmax, referenceForward, type ReferenceIntervention } from '../../support/reference';
import { bundleIn, randomParts, temporaryFolder, vocabConfig } from './bundles';

/** float32 against float64 through two layers. */
const TOLERANCE = 1e-4;
const config = vocabConfig();
const parts = randomParts(config);
const text =
  'def add(a, b):\n    """Sum é."""\n    return a + b\n\n\nfor i in range(9):\n    add(i, 2)\n';
const control: Control = { progress: () => undefined, pause: () => Promise.resolve() };
const folder = temporaryFolder();
describe.each(ENGINES)('on the %s engine', (name) => {
  let engine: Engine;
  let engineDir: string;

  beforeAll(async () => {
    engineDir = bundleIn(folder.dir, parts);
    engine = await Engine.open(engineDir, 1, name);
  });
  afterAll(async () => {
    await engine.model.release();
    folder.remove();
  });

  /** Interventions on every site, of every kind and at all sorts of positions. */
  const manifold: Intervention[] = allSites(config).map(({ name }, i) => ({
    nodes: [`${name}.0`, `${name}.${3 + (i % 5)}`, `${name}.11`],
    positions: (['all', { at: 20 }, { from: 17 }] as const)[i % 3],
    kind: (
      [
        { kind: 'zero' },
        { kind: 'mean' },
        { kind: 'value', value: 1.5 },
        { kind: 'scale', scale: -2 },
        { kind: 'patch', values: [0.5, -1, 2] },
      ] as const
    )[i % 5] as Intervention['kind'],
  }));

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
  function reference(ids: number[], start: number, interventions: Intervention[]) {
    const edits = forReference(interventions, start, ids.length);
    const { logits, sites } = referenceForward(config, parts.weights, ids, edits);
    return { logprobs: logits.map((row) => softmax([...row]).map(Math.log)), sites };
  }

  function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
    expect(a.length).toBe(b.length);
    return Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));
  }

  describe.each([
    ['nothing changed', [] as Intervention[]],
    ['interventions everywhere', manifold],
  ])('trace, %s', (_, interventions) => {
    // The first window with its end-of-text, a middle one, and the last.
    it.each([3, 20, 34])('equals the reference at token %i and all eight sites', async (token) => {
      const request = { text, position: { token }, interventions, whole: true };
      const result = await trace(engine, request);
      const tokens = engine.tokensOf(text);
      const { start, end } = result.window;
      expect(end - start).toBeLessThanOrEqual(config.context);
      const ids = Array.from({ length: end - start }, (_, i) =>
        start + i < 0 ? engine.info.endOfText : tokens.encoding.ids[start + i],
      );
      const expected = reference(ids, start, interventions);
      const row = token - start;
      expect(largestDifference(result.logprobs, expected.logprobs[row])).toBeLessThan(TOLERANCE);
      expect(new Set(result.sites.map(({ site }) => site.slice(2)))).toEqual(new Set(SITES));
      for (const { site, indices, values } of result.sites) {
        const rows = expected.sites.get(site)!;
        expect(
          largestDifference(
            result.whole!.get(site)!,
            rows.flatMap((x) => [...x]),
          ),
          site,
        ).toBeLessThan(TOLERANCE);
        const dense = new Float64Array(rows[row].length);
        indices.forEach((index, i) => (dense[index] = values[i]));
        expect(largestDifference(dense, rows[row]), site).toBeLessThan(TOLERANCE);
      }
      const next = Array.from(ids.keys()).slice(0, -1);
      const nextExpected = next.map((i) => expected.logprobs[i][ids[i + 1]]);
      expect(largestDifference(result.nextLogprobs.slice(0, -1), nextExpected)).toBeLessThan(
        TOLERANCE,
      );
      expect(result.next).toBe(tokens.encoding.ids[token + 1]);
    });
  });

  it('reads through the lens, in its last row, what it predicts', async () => {
    for (const interventions of [[], manifold]) {
      for (const token of [-1, 20]) {
        const request = { text, position: { token }, interventions };
        const { logprobs, next } = await trace(engine, { ...request, whole: false });
        const { rows, target, bigram } = await lens(engine, request);
        expect(bigram).toBe(true);
        expect(target).toBe(next);
        expect(rows.map(({ layers }) => layers)).toEqual([0, 1, 2]);
        const { top, logprob, rank } = rows.at(-1)!;
        expect(Math.abs(logprob - logprobs[target])).toBeLessThan(1e-5);
        expect(rank).toBe(1 + logprobs.filter((each) => each > logprobs[target]).length);
        expect(logprobs[top.id]).toBe(Math.max(...logprobs));
        // A layer changes something.
        expect(rows[0].logprob).not.toBeCloseTo(logprob, 2);
      }
    }
    const other = await lens(engine, {
      text,
      position: { token: 20 },
      interventions: [],
      target: 5,
    });
    const { logprobs } = await trace(engine, {
      ...{ text, position: { token: 20 }, interventions: [], whole: false },
    });
    expect(other.rows.at(-1)!.logprob).toBeCloseTo(logprobs[5], 5);
  });

  describe('scans', () => {
    it.each([
      ['nothing changed', [] as Intervention[]],
      ['interventions everywhere', manifold],
    ])(
      'give each token the surprisal that a trace before it shows, %s',
      async (_, interventions) => {
        const result = await surprisal(engine, { text, interventions }, control);
        const { ids } = engine.tokensOf(text).encoding;
        expect(result.tokens.ids).toEqual(ids);
        for (let token = 0; token < ids.length; token++) {
          const request = { text, position: { token: token - 1 }, interventions, whole: false };
          const { logprobs } = await trace(engine, request);
          expect(Math.abs(result.surprisal[token] + logprobs[ids[token]])).toBeLessThan(1e-5);
          const likelier = logprobs.filter((logprob) => logprob > logprobs[ids[token]]);
          expect(result.ranks[token]).toBe(likelier.length);
          expect(logprobs[result.likeliest[token]]).toBe(Math.max(...logprobs));
        }
      },
    );

    it('give each token the activation that its trace shows', async () => {
      const nodes = ['0.mlp.post_act.4', '1.attn.q.7', '1.attn.q.1', '0.attn.act_in.17'];
      const { values, tokens } = await activations(
        engine,
        { text, nodes, interventions: [] },
        control,
      );
      const count = tokens.ids.length;
      for (let token = 0; token < count; token++) {
        const request = { text, position: { token }, interventions: [], whole: false };
        const { sites } = await trace(engine, request);
        nodes.forEach((node, i) => {
          const [site, index] = [node.slice(0, node.lastIndexOf('.')), Number(node.split('.')[3])];
          const active = sites.find((one) => one.site === site)!;
          const at = active.indices.indexOf(index);
          const expected = at < 0 ? 0 : active.values[at];
          expect(values[i * count + token]).toBeCloseTo(expected, 5);
        });
      }
    });

    it('give a range the same numbers as the whole', async () => {
      const whole = await surprisal(engine, { text, interventions: [] }, control);
      for (const range of [
        { start: 0, end: 2 },
        { start: 10, end: 31 },
        { start: 5, end: 5 },
      ]) {
        const part = await surprisal(engine, { text, range, interventions: [] }, control);
        expect(part.tokens.ids).toEqual(whole.tokens.ids.slice(range.start, range.end));
        const expected = whole.surprisal.slice(range.start, range.end);
        if (range.end > range.start) {
          expect(largestDifference(part.surprisal, expected)).toBeLessThan(1e-5);
        }
        expect(part.bigram).toEqual(whole.bigram!.slice(range.start, range.end));
      }
    });

    it('run only the windows that an edit touches, and give what a fresh start gives', async () => {
      const { model } = engine;
      const counted = vi.spyOn(model, 'run');
      const scan = async (text: string, interventions: Intervention[]) => {
        counted.mockClear();
        const { surprisal: numbers } = await surprisal(engine, { text, interventions }, control);
        return { numbers, runs: counted.mock.calls.length };
      };
      const long = text.repeat(3);
      const edited = long.replace(/2\)\n$/, '3)\n');
      const windows = engine
        .tokensOf(long)
        .windows({ start: -1, end: engine.tokensOf(long).count - 1 });
      for (const interventions of [[], manifold]) {
        const first = await scan(long, interventions);
        expect(await scan(long, interventions)).toEqual({ numbers: first.numbers, runs: 0 });
        const after = await scan(edited, interventions);
        expect(after.runs).toBeGreaterThan(0);
        expect(after.runs).toBeLessThan(windows.length / 2);
        const fresh = await Engine.open(engineDir, 1, name);
        const expected = await surprisal(fresh, { text: edited, interventions }, control);
        expect(after.numbers).toEqual(expected.surprisal);
        await fresh.model.release();
      }
      counted.mockRestore();
    });

    it('give the bigram table its rows, normalised', async () => {
      const { bigram, tokens } = await surprisal(engine, { text, interventions: [] }, control);
      const table = parts.weights.get('bigram.table')!;
      const last = tokens.ids[6];
      const row = Array.from(table.subarray(last * config.vocab, (last + 1) * config.vocab));
      expect(bigram![7]).toBeCloseTo(-Math.log(softmax(row)[tokens.ids[7]]), 4);
    });

    it('refuse ranges that are not in the text', async () => {
      const run = (start: number, end: number) =>
        surprisal(engine, { text, range: { start, end }, interventions: [] }, control);
      await expect(run(0, 999)).rejects.toThrow('tokens up to 999 are not in the text; it has');
      await expect(run(4, 3)).rejects.toThrow('tokens 4 to 3 are no range');
    });

    it('take an empty text', async () => {
      const result = await surprisal(engine, { text: '', interventions: [] }, control);
      expect(result.surprisal).toHaveLength(0);
    });
  });

  describe('effects', () => {
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
      const single = (extra: Intervention[]) =>
        trace(engine, {
          text,
          position: { token },
          interventions: [...interventions, ...extra],
          whole: false,
        });
      const before = await single([]);
      const active = before.sites.flatMap(({ site, indices }) =>
        [...indices].map((i) => `${site}.${i}`),
      );
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
      expect(result.target).toBe(before.next);
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
      // ONNX Runtime's two ways to a number are the same to the last bit; the sparse engine's round apart.
      const exact = name === 'onnx';
      const expectNothing = (found: Float32Array, what?: string) => {
        for (const effect of found) {
          if (exact) expect(effect, what).toBe(0);
          else expect(Math.abs(effect), what).toBeLessThan(1e-5);
        }
      };
      expect(named.effects).toHaveLength(3);
      expectNothing(named.effects);
      // A node put at its own activation stays what it is.
      const { sites } = await trace(engine, { ...here, whole: false });
      for (const node of nodes) {
        const [site, index] = [
          node.slice(0, node.lastIndexOf('.')),
          Number(node.split('.').at(-1)),
        ];
        const active = sites.find((each) => each.site === site)!;
        const value = active.values[active.indices.indexOf(index)] ?? 0;
        const own = { kind: 'value', value } as const;
        const found = await effects(engine, { ...here, ablation: own, nodes: [node] }, control);
        expect(found.effects).toHaveLength(1);
        expectNothing(found.effects, node);
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

  it('one pass answers for all tokens of a window, and for the effects there', async () => {
    const fresh = await Engine.open(engineDir, 1, name);
    const counted = vi.spyOn(fresh.model, 'run');
    const { ownStart, end } = fresh.tokensOf(text).window(23);
    expect(end - ownStart).toBeGreaterThan(2);
    for (const token of [ownStart, 23, end - 1]) {
      await trace(fresh, { text, position: { token }, interventions: manifold, whole: false });
    }
    const ablation = { kind: 'mean' } as const;
    const request = { text, position: { token: 23 }, ablation, interventions: manifold };
    await effects(fresh, { ...request, positions: 'here' }, control);
    expect(counted).toHaveBeenCalledTimes(1);
    await fresh.model.release();
  });

  describe('places', () => {
    it('find the token that covers an offset', async () => {
      const { starts, ends } = engine.tokensOf(text).encoding;
      for (let offset = 0; offset < text.length; offset++) {
        const index = engine.tokensOf(text).locate({ offset });
        expect(starts[index] <= offset && offset < ends[index]).toBe(true);
      }
    });

    it('refuse offsets outside the text', () => {
      const locate = (offset: number) => () => engine.tokensOf(text).locate({ offset });
      expect(locate(text.length + 1)).toThrow(`offset ${text.length + 1} is not in the text`);
      expect(locate(-1)).toThrow('offset -1 is not in the text');
      expect(() => engine.tokensOf('').locate({ offset: 1 })).toThrow('it has 0 characters');
    });

    it('take the end of a text for its last token, of an empty one for the end-of-text', () => {
      const tokens = engine.tokensOf(text);
      expect(tokens.locate({ offset: text.length })).toBe(tokens.count - 1);
      expect(engine.tokensOf('').locate({ offset: 0 })).toBe(-1);
    });
  });
});
