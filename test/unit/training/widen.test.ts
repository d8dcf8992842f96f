import { describe, expect, it } from 'vitest';
import { everySite } from '../../../models/transformer/config';
import { parameterSpecs, sizeOf } from '../../../models/transformer/parameters';
import { canContinue, widened } from '../../../models/training/widen';
import { randomTokens, randomWeights, tinyConfig } from '../../support/models';
import { referenceForward } from '../../support/reference';

/** AbsTopK off: with it, new neurons take part in the choice of those that are kept. */
const narrow = tinyConfig({ positions: 0, activationFraction: everySite(1) });
const wide = { ...narrow, dModel: 23, heads: 7, dMlp: 45 };
const weights = randomWeights(narrow, 1);

/** Largest difference of the logits of two models on the same tokens. */
function worst(from: typeof narrow, to: typeof narrow): number {
  const tokens = randomTokens(from, 2, from.context);
  const before = referenceForward(from, randomWeights(from, 1), tokens).logits;
  const after = referenceForward(to, widened(randomWeights(from, 1), from, to, 3), tokens).logits;
  return Math.max(
    ...before.flatMap((row, pos) => [...row].map((x, i) => Math.abs(x - after[pos][i]))),
  );
}

describe('a widened model', () => {
  // The mean square over more channels is smaller, but what keeps its root from zero (1e-5) is not.
  it.each([
    ['in every width', {}],
    ['in the residual stream alone', { heads: 4, dMlp: 32 }],
    ['in heads alone', { dModel: 16, dMlp: 32 }],
    ['with tied embeddings', { tiedEmbeddings: true }],
    ['without norm, biases, sinks and recency', { norm: 'none' as const, biases: false, sinks: false, recency: false }], // prettier-ignore
  ])('predicts what the narrower one does: %s', (_name, change) => {
    const to = { ...wide, ...change };
    const from = { ...to, dModel: 16, heads: 4, dMlp: 32 };
    expect(worst(from, to)).toBeLessThan(1e-3);
  });

  it('has every parameter in its shape', () => {
    const found = widened(weights, narrow, wide, 3);
    for (const { name, shape } of parameterSpecs(wide)) {
      expect(found.get(name)?.length, name).toBe(sizeOf(shape));
    }
  });

  it('is the same model when nothing grows', () => {
    const found = widened(weights, narrow, narrow, 3);
    expect([...found.keys()]).toEqual([...weights.keys()]);
    for (const [name, data] of weights) expect(found.get(name), name).toEqual(data);
  });

  it('reads with its new heads, so that what they write can be learnt', () => {
    const query = widened(weights, narrow, wide, 3).get('layers.0.attn.q.weight')!;
    const added = query.filter((_, i) => i % (7 * 4) >= 4 * 4);
    expect(added.every((x) => x !== 0)).toBe(true);
  });
});

describe('whether training can go on', () => {
  it.each([
    ['the same model', {}, true],
    ['a wider one', { dModel: 20, heads: 5, dMlp: 40 }, true],
    ['other activations kept', { activationFraction: everySite(0.25) }, true],
    ['a narrower one', { dMlp: 31 }, false],
    ['more layers', { layers: 3 }, false],
    ['wider heads', { dHead: 8 }, false],
    ['another norm', { norm: 'none' as const }, false],
  ])('%s', (_name, change, can) => {
    expect(canContinue(narrow, { ...narrow, ...change })).toBe(can);
  });

  it('not as a wider model that reads positions', () => {
    const config = tinyConfig({ positions: 3 });
    expect(canContinue(config, { ...config })).toBe(true);
    expect(canContinue(config, { ...config, dMlp: 64 })).toBe(false);
  });
});
