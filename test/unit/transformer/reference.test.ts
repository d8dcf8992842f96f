import { describe, expect, it } from 'vitest';
import { everySite } from '../../../models/transformer/config';
import { parameterSpecs, sizeOf, type Weights } from '../../../models/transformer/parameters';
import { tinyConfig } from '../../support/models';
import { absTopK, erf, gelu, referenceForward, rmsNorm, softmax } from '../../support/reference';

const close = (actual: ArrayLike<number>, expected: number[]) => {
  expect(actual).toHaveLength(expected.length);
  for (const [i, x] of expected.entries()) expect(actual[i]).toBeCloseTo(x, 9);
};

describe('the parts of the reference, computed by hand', () => {
  it('softmax', () => {
    close(softmax([0, Math.log(3)]), [1 / 4, 3 / 4]);
    close(softmax([1000, 1000]), [1 / 2, 1 / 2]);
  });

  it('softmax with a sink, which takes its share and gives nothing', () => {
    close(softmax([0, 0], 0), [1 / 3, 1 / 3]);
    close(softmax([Math.log(2)], Math.log(6)), [1 / 4]);
    close(softmax([0], 1000), [0]);
  });

  it('absTopK, by magnitude, with ties kept', () => {
    close(absTopK(Float64Array.of(3, -4, 1, 0), 2), [3, -4, 0, 0]);
    close(absTopK(Float64Array.of(-1, 1, 1), 1), [-1, 1, 1]);
    close(absTopK(Float64Array.of(0, 5, 0), 2), [0, 5, 0]);
  });

  it('rmsNorm, without subtracting the mean', () => {
    // The mean square of 1 and 7 is 25.
    const scale = 1 / Math.sqrt(25 + 1e-5);
    close(rmsNorm(Float64Array.of(1, 7), [1, -2]), [scale, -14 * scale]);
    close(rmsNorm(Float64Array.of(0, 0), [1, 1]), [0, 0]);
  });

  it('erf and gelu, from tables', () => {
    close([erf(0), erf(0.5), erf(1), erf(-2)], [0, 0.5204998778, 0.8427007929, -0.995322265]);
    close([gelu(0), gelu(1), gelu(-1)], [0, 0.8413447461, -0.1586552539]);
    expect(erf(7)).toBe(1);
  });
});

describe('a whole model, computed by hand', () => {
  /** One layer, one head of one channel, embeddings 1 and 2 for tokens 0 and 1, values copied. */
  const config = tinyConfig({
    ...{ layers: 1, dModel: 1, heads: 1, dHead: 1, dMlp: 1, vocab: 2, context: 3, positions: 0 },
    ...{ activationFraction: everySite(1), norm: 'none', biases: false, bigram: 'none' },
  });
  const weights: Weights = new Map(
    parameterSpecs(config).map(({ name, shape }) => [name, new Float32Array(sizeOf(shape))]),
  );
  weights.get('embed.weight')!.set([1, 2]);
  weights.get('layers.0.attn.v.weight')!.set([1]);
  weights.get('layers.0.attn.out.weight')!.set([1]);
  weights.get('unembed.weight')!.set([1, 10]);

  it('attends evenly, to the sink too, where queries are zero', () => {
    const { residual, logits } = referenceForward(config, weights, [0, 1, 0]);
    // 1 + 1/2, 2 + (1 + 2)/3, 1 + (1 + 2 + 1)/4
    close(
      residual[0].afterAttention.map((row) => row[0]),
      [1.5, 3, 2],
    );
    close(logits[1], [3, 30]);
  });

  it('passes an intervention on to what comes after it', () => {
    const keep = [[1], [0], [1]];
    const add = [[0], [5], [0]];
    const { sites, residual } = referenceForward(config, weights, [0, 1, 0], {
      '0.attn.v': { keep, add },
    });
    close(
      sites.get('0.attn.v')!.map((row) => row[0]),
      [1, 5, 1],
    );
    close(
      residual[0].afterAttention.map((row) => row[0]),
      [1.5, 2 + 6 / 3, 1 + 7 / 4],
    );
  });

  it('refuses what is not of the model', () => {
    expect(() => referenceForward(config, weights, [0, 2])).toThrow('token 2');
    expect(() => referenceForward(config, weights, [0, 0, 0, 0])).toThrow('the context is 3');
    expect(() => referenceForward(config, weights, [0], { x: { keep: [], add: [] } })).toThrow(
      "no site 'x'",
    );
    expect(() => referenceForward(config, new Map(), [0])).toThrow("no parameter 'embed.weight'");
  });
});
