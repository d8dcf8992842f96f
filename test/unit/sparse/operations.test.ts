import { describe, expect, it } from 'vitest';
import type { Value } from '../../../models/graph/ir';
import * as ops from '../../../models/graph/ops';
import { rules } from '../../../models/sparse/operations';
import { Rng } from '../../../models/random';
import { array, expectClose, sizeOf } from '../../support/arrays';
import { evaluate, type Feeds } from '../../support/evaluate';
import { feedsOf, inputsOf, type Example } from '../../support/examples';
import { opCases } from '../../support/opCases';
import { runSparse } from '../../support/sparseGraph';
import type { OpKind } from '../../../models/graph/ir';

/** As for ONNX Runtime: float32 sums of some 20 terms of up to 8, and polynomials good to 2e-7. */
const TOLERANCE = 1e-6;

/** The same for sums of a hundred terms. */
const LARGE_TOLERANCE = 1e-5;

async function expectSame(
  outputs: Record<string, Value>,
  feeds: Feeds,
  tolerance = TOLERANCE,
): Promise<void> {
  const expected = evaluate(outputs, feeds);
  const actual = await runSparse(outputs, feeds);
  for (const name of Object.keys(outputs)) {
    expectClose(actual[name], expected[name], tolerance, name);
  }
}

const isSymbolic = (example: Example) => Object.values(example.given).some((x) => x.symbolic);

describe.each(Object.keys(rules) as OpKind[])(
  'the sparse engine agrees with the evaluator on %s',
  (kind) => {
    it.each(opCases[kind])('$name', async (example) => {
      await expectSame({ y: example.build(inputsOf(example, 'static')) }, feedsOf(example));
    });
    it.each(opCases[kind].filter(isSymbolic))('$name, sizes known at run time', async (example) => {
      await expectSame({ y: example.build(inputsOf(example, 'symbolic')) }, feedsOf(example));
    });
  },
);

const random = (shape: readonly number[], density = 1) => {
  const rng = new Rng('sparse', shape.join(), density);
  const data = Float32Array.from({ length: sizeOf(shape) }, () =>
    rng.next() < density ? rng.normal() : 0,
  );
  return array(shape, data);
};

describe('products by a fixed, mostly zero matrix', () => {
  const matrix = (rows: number, columns: number) =>
    ops.constant(Float32Array.from(random([rows, columns], 0.1).data), [rows, columns]);
  it.each([1, 3, 7, 8, 31, 32, 33, 100])('of %i columns', async (pos) => {
    const x = ops.input('x', [1, pos, 40]);
    await expectSame({ y: ops.matmul(x, matrix(40, 30)) }, { x: random([1, pos, 40]) });
  });
  it('read the other way', async () => {
    const x = ops.input('x', [2, 5, 30]);
    await expectSame({ y: ops.matmul(x, ops.swapLast(matrix(40, 30))) }, { x: random([2, 5, 30]) });
  });
  it('that has no entry at all', async () => {
    const zero = ops.constant(new Float32Array(12), [3, 4]);
    await expectSame({ y: ops.matmul(ops.input('x', [2, 3]), zero) }, { x: random([2, 3]) });
  });
});

describe('large arrays, in any layout', () => {
  it.each([
    [
      [2, 3, 40, 8],
      [2, 3, 8, 50],
    ],
    [
      [33, 4, 1, 8],
      [1, 4, 8, 70],
    ],
    [
      [33, 4, 1, 8],
      [33, 4, 8, 1],
    ],
    [
      [1, 4, 70, 70],
      [1, 4, 70, 9],
    ],
  ])('product of %j and %j', async (a, b) => {
    const y = ops.matmul(ops.input('a', a), ops.input('b', b));
    await expectSame({ y }, { a: random(a), b: random(b) }, LARGE_TOLERANCE);
  });
  it('heads split from channels and joined again', async () => {
    const x = ops.input('x', ['batch', 'pos', 24]);
    const heads = ops.transpose(ops.reshape(x, ['batch', 'pos', 3, 8]), [0, 2, 1, 3]);
    const scores = ops.softmax(ops.matmul(heads, ops.swapLast(heads)));
    const mixed = ops.transpose(ops.matmul(scores, heads), [0, 2, 1, 3]);
    const y = ops.reshape(mixed, ['batch', 'pos', 24]);
    await expectSame({ y }, { x: random([2, 37, 24]) });
    await expectSame({ y }, { x: random([37, 2, 24]) });
  });
  it('thresholds and sums of many rows', async () => {
    const x = ops.input('x', [3, 21, 100]);
    const y = ops.where(ops.topKMask(x, 25), x, 0);
    await expectSame(
      { y, total: ops.reduceSum(x, [2]) },
      { x: random([3, 21, 100]) },
      LARGE_TOLERANCE,
    );
    await expectSame({ y }, { x: random([3, 21, 100], 0.1) });
  });
});

it('what all rows share is the same as if each had it', async () => {
  const rows = random([1, 6, 10]);
  const same = array([4, 6, 10], [...rows.data, ...rows.data, ...rows.data, ...rows.data]);
  const x = ops.input('x', ['batch', 6, 10]);
  const keep = ops.input('keep', ['batch?', 1, 10]);
  const y = ops.logSoftmax(ops.mul(ops.exp(x), keep));
  await expectSame({ y }, { x: same, keep: random([4, 1, 10]) });
  await expectSame({ y }, { x: same, keep: array([1, 1, 10], new Array<number>(10).fill(1)) });
});

it('says which array is missing', async () => {
  const x = ops.input('x', [2]);
  await expect(runSparse({ y: ops.exp(x) }, {})).rejects.toThrow();
});
