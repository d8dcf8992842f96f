import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONCEPTS } from '../../../models/labels/concepts';
import { causalScores } from '../../../models/labels/causal';
import { sampleWindows, type Sample } from '../../../models/labels/sample';
import { areaUnderCurve, correlation, f1 } from '../../../models/labels/score';
import { findLabel, Half, type Scored } from '../../../models/labels/search';
import { Rng } from '../../../models/random';
import { LOGPROBS } from '../../../models/transformer/graphs';
import { PythonParser } from '../../../models/syntax/parser';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { generateProgram } from '../../../models/training/idioms';

const tokenizer = Tokenizer.load('models/bundles/python-sparse/tokenizer.json');
const CONTEXT = 64;
let sample: Sample;
let parser: PythonParser;
beforeAll(async () => {
  parser = await PythonParser.load();
  const texts = Array.from({ length: 40 }, (_, i) => generateProgram(new Rng('labels', i)));
  sample = sampleWindows(texts.map((text) => text.repeat(4)), tokenizer, parser, {
    ...{ windows: 120, context: CONTEXT, seed: 1 },
  }); // prettier-ignore
});
afterAll(() => {
  parser.close();
});

const conceptAt = (name: string) => CONCEPTS.findIndex((concept) => concept.name === name);
const holdsAt = (name: string, i: number) =>
  sample.table.holds[conceptAt(name) * sample.table.positions + i] === 1;
const words = ({ terms }: Scored) =>
  terms.map(({ concept, negated }) => (negated ? 'not ' : '') + CONCEPTS[concept].name);

/** The label of a node whose activation at each position is given. */
function labelOf(activation: (at: number) => number, shift = 0) {
  const { positions } = sample.table;
  const middle = (sample.windows / 2) * CONTEXT;
  const values = Float32Array.from({ length: positions }, (_, i) => activation(i));
  const halves = [
    new Half(sample.table, 0, middle),
    new Half(sample.table, middle, positions),
  ] as const;
  return findLabel(halves, values.subarray(0, middle), values.subarray(middle), shift)!;
}

describe('the label of a node that was made', () => {
  const noise = (i: number) => new Rng('noise', i).next();

  it('for a concept of the text is that concept, better than any that looks at the token alone', () => {
    const { best, tokenOnly } = labelOf((i) =>
      holdsAt('inside ( )', i) ? 2 + noise(i) : noise(i) - 0.5,
    );
    expect(words(best)).toEqual(['inside ( )']);
    expect(best.threshold).toBeGreaterThan(0.45);
    for (const score of [best.correlation, best.auroc, best.f1, best.precision, best.recall]) {
      expect(score).toBeGreaterThan(0.95);
    }
    expect(tokenOnly.correlation).toBeLessThan(best.correlation - 0.2);
  });

  it('for a sign is that sign, and the control that looks at the token alone is as good', () => {
    const { best, tokenOnly } = labelOf((i) => (holdsAt('comma', i) ? 1 : 0));
    expect(best.correlation).toBeCloseTo(tokenOnly.correlation, 2);
    expect(words(tokenOnly)[0]).toBe('comma');
  });

  it('for two concepts together, one of them negated, is both', () => {
    const { best } = labelOf((i) =>
      holdsAt('a name', i) && !holdsAt('inside brackets', i) ? 1 + noise(i) : 0,
    );
    expect(words(best).sort()).toEqual(['a name', 'not inside brackets']);
    expect(best.f1).toBeGreaterThan(0.95);
  });

  it('for noise is no label, although the best of all was chosen', () => {
    const { best } = labelOf((i) => noise(i) - 0.7);
    expect(Math.abs(best.correlation)).toBeLessThan(0.15);
  });

  it('is lost where activations meet text that is not theirs', () => {
    const { best } = labelOf((i) => (holdsAt('inside ( )', i) ? 1 : 0), 7 * CONTEXT + 11);
    expect(Math.abs(best.correlation)).toBeLessThan(0.3);
  });
});

describe('the causal half', () => {
  /** A model whose loss rises by `rise` at positions where a node that is ablated matters. */
  const modelWhere = (matters: (position: number) => boolean, window: () => number) => ({
    run: (pass: {
      batch: number;
      tokens: Int32Array;
      read: Int32Array;
      edits: ReadonlyMap<string, unknown>;
    }) => {
      const { batch, read } = pass;
      const vocab = tokenizer.vocabSize;
      const logprobs = new Float32Array(batch * read.length * vocab).fill(-1);
      const start = window() * CONTEXT;
      for (let row = 0; row < batch && pass.edits.size > 0; row++) {
        for (const at of read) {
          if (!matters(start + at)) continue;
          const next = pass.tokens[row * CONTEXT + at + 1];
          logprobs[(row * read.length + at) * vocab + next] = -1.5;
        }
      }
      return Promise.resolve(new Map([[LOGPROBS, logprobs]]));
    },
  });
  const means = new Map([['0.mlp.post_act', new Float32Array(4)]]);
  const claim = (name: string) => ({
    ...{ site: '0.mlp.post_act', index: 1, width: 4 },
    terms: [{ concept: conceptAt(name), negated: false }] as const,
  });

  it.each([
    ['a name', 0.5, 0],
    ['line end', 0, 0.2],
  ])(
    'of %s is how the loss rises where it holds, and elsewhere',
    async (name, where, elsewhere) => {
      // One window, so that the model knows which it is given.
      const window = sample.windows - 1;
      const model = modelWhere((position) => holdsAt('a name', position), () => window); // prettier-ignore
      const [score] = await causalScores(model, means, sample, [claim(name)], 1, () => undefined);
      expect(score!.where).toBeCloseTo(where, 5);
      if (elsewhere === 0) expect(score!.elsewhere).toBeCloseTo(0, 5);
      else expect(score!.elsewhere).toBeGreaterThan(elsewhere);
    },
  );

  it('says nothing of a label that the windows do not have', async () => {
    const model = modelWhere(() => true, () => sample.windows - 1); // prettier-ignore
    const rare = claim('in text that does not parse');
    expect(await causalScores(model, means, sample, [rare], 1, () => undefined)).toEqual([null]);
  });
});

describe('scores', () => {
  it('are what their definitions say', () => {
    const counts = { both: 30, active: 40, holds: 50, positions: 200 };
    expect(f1(counts)).toBeCloseTo(60 / 90);
    // From the table 30, 10, 20, 140.
    expect(correlation(counts)).toBeCloseTo((30 * 140 - 10 * 20) / Math.sqrt(40 * 160 * 50 * 150));
    expect(correlation({ both: 10, active: 40, holds: 50, positions: 200 })).toBe(0);
    expect(areaUnderCurve([0, 1, 3], [4, 2, 4])).toBeCloseTo((1 * (4 + 0.5) + 3 * (5 + 0.5)) / 24);
    expect(areaUnderCurve([2, 2], [4, 4])).toBe(0.5);
  });
});
