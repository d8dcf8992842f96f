import { describe, expect, it } from 'vitest';
import { differentiableKinds } from '../../../models/graph/gradient';
import type { Value } from '../../../models/graph/ir';
import { emitOnnx } from '../../../models/graph/onnx';
import * as ops from '../../../models/graph/ops';
import { array, expectClose, type NdArray } from '../../support/arrays';
import { evaluate, type Feeds } from '../../support/evaluate';
import { example, f, feedsOf, ids, inputsOf, type Example } from '../../support/examples';
import { runOnnx } from '../../support/onnxGraph';
import { opCases } from '../../support/opCases';

/**
 * A float32 number is good to 6e-8, the examples sum at most 20 terms of up to 8 each, and ONNX
 * Runtime's erf and exp are polynomials good to about 2e-7. The largest error seen is 2e-7.
 */
const TOLERANCE = 1e-6;

async function expectSame(outputs: Record<string, Value>, feeds: Feeds): Promise<void> {
  const expected = evaluate(outputs, feeds);
  const actual = await runOnnx(outputs, feeds);
  for (const name of Object.keys(outputs)) {
    expectClose(actual[name], expected[name], TOLERANCE, name);
  }
}

const isSymbolic = (example: Example) => Object.values(example.given).some((x) => x.symbolic);

/** What has no gradient to be tested with, but has to run. */
const more: readonly Example[] = [
  example(
    'topKMask keeps all of equal magnitude',
    { x: { shape: [2, 4], dtype: 'float32', data: [1, -2, 2, -2, 0, 0, 0, 0] } },
    ({ x }) => ops.topKMask(x, 2),
  ),
  example(
    'gather along a middle axis',
    { x: f([2, 4, 3], ['batch', 'pos', 3]), at: ids([2], [3, 1], ['read']) },
    ({ x, at }) => ops.gather(x, at, 1),
  ),
  example(
    'gather of integers',
    { x: ids([2, 3], [5, 6, 7, 8, 9, 10], ['batch', 'pos']), at: ids([2], [2, 2], ['read']) },
    ({ x, at }) => ops.gather(x, at, 1),
  ),
  example(
    'concat and slice of an axis that only the run knows',
    { x: f([3, 2], ['pos', 2]), y: f([1, 2]) },
    ({ x, y }) => ops.slice(ops.concat([y, x], 0), 0, 0, 2),
  ),
  example(
    'reshape of an axis made one longer',
    { x: f([2, 3, 4], [2, 'pos', 4]), y: f([2, 1, 4]) },
    ({ x, y }) => {
      const longer = ops.concat([y, x], 1);
      return ops.reshape(longer, [2, longer.shape[1], 2, 2]);
    },
  ),
];

describe.each(differentiableKinds)('ONNX Runtime agrees with the evaluator on %s', (kind) => {
  it.each(opCases[kind])('of fixed sizes: $name', async (example) => {
    await expectSame({ result: example.build(inputsOf(example, 'static')) }, feedsOf(example));
  });

  it.each(opCases[kind].filter(isSymbolic))('of run-time sizes: $name', async (example) => {
    await expectSame({ result: example.build(inputsOf(example, 'symbolic')) }, feedsOf(example));
  });
});

describe('an emitted model', () => {
  it.each(more)('runs $name', async (example) => {
    await expectSame({ result: example.build(inputsOf(example, 'static')) }, feedsOf(example));
    await expectSame({ result: example.build(inputsOf(example, 'symbolic')) }, feedsOf(example));
  });

  it('takes other sizes in every run', async () => {
    const x = ops.input('x', ['batch', 'pos', 2]);
    const gate = ops.input('gate', ['batch?', 'pos?', 2]);
    const y = ops.softmax(ops.mul(x, gate));
    for (const shape of [
      [1, 1, 2],
      [3, 1, 2],
      [2, 5, 2],
    ]) {
      for (const gateShape of [shape, [1, shape[1], 2], [shape[0], 1, 2], [1, 1, 2]]) {
        await expectSame({ y }, { x: counted(shape), gate: counted(gateShape) });
      }
    }
  });

  it('has an output for every name, of one value twice and of an input too', async () => {
    const x = ops.input('x', [3]);
    const double = ops.add(x, x);
    await expectSame({ same: x, double, again: double }, { x: counted([3]) });
  });

  it('may have an input of any name', async () => {
    await expectSame({ out: ops.mul(ops.input('v0', [2]), 3) }, { v0: counted([2]) });
  });

  it('may have no input at all', async () => {
    await expectSame({ y: ops.exp(ops.scalar(1)) }, {});
  });

  it('replaces whatever number stands where -infinity is chosen', async () => {
    const at = ops.input('at', ['pos'], 'int32');
    const scores = ops.input('scores', ['batch', 'pos', 'pos']);
    const allowed = ops.greaterEqual(ops.reshape(at, ['pos', 1]), at);
    const masked = ops.where(allowed, scores, -Infinity);
    const outputs = { masked, shares: ops.softmax(masked) };
    const [huge, least] = [3e38, -3e38];
    const data = [0.5, Infinity, huge, least, huge, Infinity, -1, 2, 3];
    const feeds = { at: array([3], [0, 1, 2]), scores: array([1, 3, 3], Float32Array.from(data)) };
    const found = await runOnnx(outputs, feeds);
    const expected = evaluate(outputs, feeds);
    expect([...found.masked.data]).toEqual([...expected.masked.data]);
    expect([...found.masked.data].filter((x) => x === -Infinity)).toHaveLength(3);
    expect([...found.shares.data.slice(0, 6)]).toEqual([1, 0, 0, 0, 1, 0]);
  });

  it('chooses -infinity under a condition as large as the result, too', async () => {
    const x = ops.input('x', [2, 3]);
    await expectSame(
      { y: ops.exp(ops.where(ops.greaterEqual(x, 0.25), x, -Infinity)) },
      { x: counted([2, 3]) },
    );
  });

  it('takes sizes that a reshape moves from its inputs', async () => {
    const x = ops.input('x', ['batch', 3, 'pos']);
    const together = ops.reshape(ops.transpose(x, [1, 0, 2]), [3, 'batch*pos']);
    const apart = ops.reshape(together, [3, 'batch', 'pos']);
    const longer = ops.concat([apart, apart], 2);
    expect(longer.shape).toEqual([3, 'batch', 'pos+pos']);
    await expectSame({ together, apart, longer }, { x: counted([2, 3, 4]) });
    await expectSame({ together, apart, longer }, { x: counted([5, 3, 1]) });
  });

  it('cannot move two run-time sizes that no input has in one reshape', () => {
    const x = ops.input('x', ['batch', 'pos']);
    const moved = ops.reshape(ops.concat([ops.concat([x, x], 0), ops.concat([x, x], 0)], 1), [
      'pos+pos',
      'batch+batch',
    ]);
    expect(() => emitOnnx({ moved })).toThrow('reshape: more than one size');
  });

  it('needs fixed sizes where ONNX wants the whole shape', () => {
    const rows = ops.input('ids', ['pos'], 'int32');
    const placed = ops.place(ops.input('x', ['pos', 1]), rows, 4);
    expect(() => emitOnnx({ placed })).toThrow('place: cannot emit [pos, 4]');
    const added = ops.scatterAdd(rows, ops.input('x', ['pos', 2]), 3);
    expect(() => emitOnnx({ added })).toThrow('scatterAdd: cannot emit [pos, 2]');
  });
});

/** 0.1, 0.2, … in a shape, as float32 has them. */
function counted(shape: readonly number[]): NdArray {
  const size = shape.reduce((a, b) => a * b, 1);
  return array(
    shape,
    Float32Array.from({ length: size }, (_, i) => 0.1 * (i + 1)),
  );
}
