import { describe, expect, it } from 'vitest';
import { emitOnnx } from '../../../models/graph/onnx';
import * as ops from '../../../models/graph/ops';
import { denseOf, isSparse, sparsest } from '../../../models/graph/sparse';
import { StoredWeights } from '../../../models/transformer/storedWeights';
import { array } from '../../support/arrays';
import { runOnnx } from '../../support/onnxGraph';

/** A number of entries above which a model's dense arrays are not kept. */
const LARGE = 2 ** 24 + 1;

describe('an array that is mostly zero', () => {
  it('comes back bit by bit from its nonzero entries', () => {
    const data = Float32Array.of(0, -0, 0, 0, 1.5, 0, 0, -2);
    const sparse = sparsest(data);
    expect(sparse).toEqual({
      length: 8,
      indices: Int32Array.of(1, 4, 7),
      values: Float32Array.of(-0, 1.5, -2),
    });
    expect(denseOf(sparse)).toEqual(data);
  });

  it('stays as it is when its entries would take more room', () => {
    const data = Float32Array.of(0, 1, 2);
    expect(sparsest(data)).toBe(data);
    expect(isSparse(sparsest(Float32Array.of(0, 1)))).toBe(true);
  });

  it('is the same constant of a graph as when it is dense', async () => {
    const data = Float32Array.of(0, 0, 3, 0, -1, 0);
    const graph = (matrix: ReturnType<typeof sparsest>) => ({
      y: ops.matmul(ops.input('x', [2, 3]), ops.constant(matrix, [3, 2])),
    });
    const feeds = { x: array([2, 3], [1, 2, 3, 4, 5, 6]) };
    const sparse = graph(sparsest(data));
    expect(isSparse(sparsest(data))).toBe(true);
    expect(emitOnnx(sparse)).toEqual(emitOnnx(graph(data)));
    const { y } = await runOnnx(sparse, feeds);
    expect([...y.data]).toEqual([3, 0, 9, 0]);
  });
});

describe('stored weights', () => {
  const matrix = sparsest(Float32Array.of(0, 0, 7, 0));
  const gain = Float32Array.of(1, 2);
  const weights = new StoredWeights(
    new Map([
      ['matrix', matrix],
      ['gain', gain],
    ]),
  );

  it('are read as a map of dense arrays', () => {
    expect([...weights.keys()]).toEqual(['matrix', 'gain']);
    expect(weights.get('matrix')).toEqual(Float32Array.of(0, 0, 7, 0));
    expect(weights.get('other')).toBeUndefined();
    expect(new Map(weights)).toEqual(
      new Map([
        ['matrix', Float32Array.of(0, 0, 7, 0)],
        ['gain', gain],
      ]),
    );
    expect(weights.stored('matrix')).toBe(matrix);
  });

  it('keep what was made of a small model, and of a large one while somebody holds it', () => {
    expect(weights.get('matrix')).toBe(weights.get('matrix'));
    const one = { length: LARGE, indices: Int32Array.of(5), values: Float32Array.of(3) };
    const large = new StoredWeights(new Map([['matrix', one]]));
    const held = large.get('matrix')!;
    expect(large.get('matrix')).toBe(held);
    expect([held.length, held[5]]).toEqual([LARGE, 3]);
  });
});
