/** What is read along a whole text: window by window, as single traces show it. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Engine } from '../../../models/inference/engine';
import { ENGINES } from '../../../models/engines/engineChoice';
import type { Intervention } from '../../../models/inference/interventions';
import { activations, surprisal } from '../../../models/runtime/scan';
import { trace } from '../../../models/inference/trace';
import { softmax } from '../../support/reference';
import { bundleIn, temporaryFolder } from './bundles';
import { config, control, largestDifference, manifold, parts, text } from './small';

describe.each(ENGINES)('scans on the %s engine', (name) => {
  let engine: Engine;
  let engineDir: string;
  const folder = temporaryFolder();
  beforeAll(async () => {
    engineDir = bundleIn(folder.dir, parts);
    engine = await Engine.open(engineDir, 1, name);
  });
  afterAll(async () => {
    await engine.model.release();
    folder.remove();
  });

  it.each([
    ['nothing changed', [] as Intervention[]],
    ['interventions everywhere', manifold],
  ])('give each token the surprisal that a trace before it shows, %s', async (_, interventions) => {
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
  });

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
