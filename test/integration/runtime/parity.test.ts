/** The engine against the slow evaluator: windows, taps at all eight sites, and interventions. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { effects } from '../../../models/runtime/effects';
import { Engine } from '../../../models/inference/engine';
import { ENGINES } from '../../../models/engines/engineChoice';
import type { Intervention } from '../../../models/inference/interventions';
import { lens } from '../../../models/runtime/lens';
import { trace } from '../../../models/inference/trace';
import { SITES } from '../../../models/transformer/config';
import { bundleIn, temporaryFolder } from './bundles';
import { config, control, largestDifference, manifold, parts, reference, text } from './small';

/** float32 against float64 through two layers. */
const TOLERANCE = 1e-4;

describe.each(ENGINES)('on the %s engine', (name) => {
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
        const likeliest = await lens(engine, request);
        expect(likeliest.rows.at(-1)).toMatchObject({ top: { id: likeliest.target }, rank: 1 });
        const { rows, target, bigram } = await lens(engine, { ...request, target: next! });
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
