import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONCEPTS } from '../../../models/labels/concepts';
import { causalScores, type Claim } from '../../../models/labels/causal';
import { sampleWindows, type Sample } from '../../../models/labels/sample';
import { areaUnderCurve, correlation, f1 } from '../../../models/labels/score';
import { Half, type Scored } from '../../../models/labels/half';
import { findLabel, isAccepted } from '../../../models/labels/search';
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
afterAll(() => parser.release());

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
    const { label, tokenOnly } = labelOf((i) =>
      holdsAt('inside ( )', i) ? 2 + noise(i) : noise(i) - 0.5,
    );
    expect(words(label)).toEqual(['inside ( )']);
    expect(label.threshold).toBeGreaterThan(0.45);
    for (const score of [label.correlation, label.auroc, label.f1, label.precision, label.recall]) {
      expect(score).toBeGreaterThan(0.95);
    }
    expect(tokenOnly.correlation).toBeLessThan(label.correlation - 0.2);
  });

  it('for a sign is that sign, and the control that looks at the token alone is as good', () => {
    const { label, needsText, tokenOnly } = labelOf((i) => (holdsAt('comma', i) ? 1 : 0));
    expect(needsText).toBe(false);
    expect(label).toEqual(tokenOnly);
    expect(words(tokenOnly)[0]).toBe('comma');
  });

  it('for two concepts together, one of them negated, is both', () => {
    const { label } = labelOf((i) =>
      holdsAt('a name', i) && !holdsAt('inside brackets', i) ? 1 + noise(i) : 0,
    );
    expect(words(label).sort()).toEqual(['a name', 'not inside brackets']);
    expect(label.f1).toBeGreaterThan(0.95);
  });

  it('is one that holds where the node is strongest too, although another tells the bulk better', () => {
    // Everything but names between parentheses, and one name in eight of them.
    const activation = (strength: number) => (i: number) => {
      if (!holdsAt('inside ( )', i)) return 0;
      if (!holdsAt('a name', i)) return 1 + noise(i);
      return i % 8 === 0 ? strength + noise(i) : 0;
    };
    const bulk = labelOf(activation(1)).label;
    expect(words(bulk)).toContain('not a name');
    const { label } = labelOf(activation(5));
    expect(words(label)).toContain('inside ( )');
    expect(words(label)).not.toContain('not a name');
    expect(label.strongest).toBeGreaterThan(0.5);
  });

  it('says where it fails at the strongest, when no other is nearly as good', () => {
    const isStrong = (i: number) => i % 60 === 0 && holdsAt('a name', i);
    const found = labelOf((i) => (isStrong(i) ? 5 : holdsAt('comma', i) ? 1 : 0));
    expect(words(found.label)).toEqual(['comma']);
    expect(found.label.strongest).toBeLessThan(0.5);
    expect(isAccepted(found)).toBe(true);
  });

  it('is chosen on the first half alone: what the second half says can only turn it down', () => {
    const middle = (sample.windows / 2) * CONTEXT;
    const first = (i: number) => (i < middle && holdsAt('inside ( )', i) ? 2 : 0);
    const control = labelOf(first).tokenOnly.terms;
    const { holds, positions } = sample.table;
    const ofControl = (i: number) =>
      control.every((term) => (holds[term.concept * positions + i] === 1) !== term.negated);
    const found = labelOf((i) => (i < middle ? first(i) : ofControl(i) ? 2 : 0));
    expect(found.tokenOnly.correlation).toBeGreaterThan(0.95);
    expect(words(found.label)).toEqual(['inside ( )']);
    expect(isAccepted(found)).toBe(false);
  });

  it('for noise is no label, although the best of all was chosen', () => {
    const { label } = labelOf((i) => noise(i) - 0.7);
    expect(Math.abs(label.correlation)).toBeLessThan(0.15);
  });

  it('is lost where activations meet text that is not theirs', () => {
    const { label } = labelOf((i) => (holdsAt('inside ( )', i) ? 1 : 0), 7 * CONTEXT + 11);
    expect(Math.abs(label.correlation)).toBeLessThan(0.3);
  });
});

describe('the causal half', () => {
  /** A model whose loss rises by half a nat at positions where a node that is ablated matters. */
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
      // The first variant is the model as it is.
      for (let row = 1; row < batch; row++) {
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
    index: 1,
    labels: [[{ concept: conceptAt(name), negated: false }]] as const,
  });

  const site = '0.mlp.post_act';
  const scoresOf = async (model: ReturnType<typeof modelWhere>, one: Claim) => {
    const found = await causalScores(
      model,
      means,
      sample,
      site,
      [one],
      { pool: 1, each: 1 },
      () => undefined,
    );
    return found[0][0];
  };

  it.each([
    ['a name', 0.5, 0],
    ['line end', 0, 0.2],
  ])(
    'of %s is how the loss rises where it holds, and elsewhere',
    async (name, where, elsewhere) => {
      // One window, so that the model knows which it is given.
      const window = sample.windows - 1;
      const model = modelWhere((position) => holdsAt('a name', position), () => window); // prettier-ignore
      const score = await scoresOf(model, claim(name));
      expect(score!.loss.where).toBeCloseTo(where, 5);
      if (elsewhere === 0) expect(score!.loss.elsewhere).toBeCloseTo(0, 5);
      else expect(score!.loss.elsewhere).toBeGreaterThan(elsewhere);
      // Every token has probability 1/e here, and one of them half a nat less.
      const divergence = 0.5 / Math.E;
      expect(score!.prediction.where).toBeCloseTo(where === 0 ? 0 : divergence, 5);
      if (elsewhere === 0) expect(score!.prediction.elsewhere).toBeCloseTo(0, 5);
      else expect(score!.prediction.elsewhere).toBeGreaterThan(divergence / 4);
    },
  );

  it('says nothing of a label that the windows do not have', async () => {
    const model = modelWhere(() => true, () => sample.windows - 1); // prettier-ignore
    const rare = claim('in a syntax error');
    expect(await scoresOf(model, rare)).toBeNull();
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
