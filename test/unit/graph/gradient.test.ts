import { describe, expect, it } from 'vitest';
import { differentiableKinds, gradients } from '../../../models/graph/gradient';
import { topologicalOrder } from '../../../models/graph/ir';
import * as ops from '../../../models/graph/ops';
import { array } from '../../support/arrays';
import { checkGradient } from '../../support/checkGradient';
import { evaluate } from '../../support/evaluate';
import { feedsOf, inputsOf } from '../../support/examples';
import { opCases } from '../../support/opCases';

describe.each(differentiableKinds)('the gradient of %s', (kind) => {
  it('has examples, all of which use it', () => {
    expect(opCases[kind].length).toBeGreaterThan(0);
    for (const example of opCases[kind]) {
      const order = topologicalOrder([example.build(inputsOf(example, 'static'))]);
      expect(order.map((value) => value.op.kind)).toContain(kind);
    }
  });

  it.each(opCases[kind])('is the central difference: $name', (example) => {
    checkGradient(example.build(inputsOf(example, 'static')), feedsOf(example));
  });
});

describe('gradients', () => {
  const x = ops.input('x', [2, 3]);

  it('of a value that the loss does not depend on are zeros of its shape', () => {
    const other = ops.input('other', [4, 1]);
    const [grad] = gradients(ops.reduceSum(x, [0, 1]), [other]);
    const { result } = evaluate({ result: grad }, {});
    expect(result.shape).toEqual([4, 1]);
    expect([...result.data]).toEqual([0, 0, 0, 0]);
  });

  it('of the loss by itself is one', () => {
    const loss = ops.reduceSum(x, [0, 1]);
    expect([...evaluate({ result: gradients(loss, [loss])[0] }, {}).result.data]).toEqual([1]);
  });

  it('are by values in the middle of the graph too', () => {
    const middle = ops.mul(x, 2);
    const loss = ops.reduceSum(ops.mul(middle, 5), [0, 1]);
    const [byMiddle, byInput] = gradients(loss, [middle, x]);
    const feeds = { x: array([2, 3], [0, 1, 2, 3, 4, 5]) };
    const { a, b } = evaluate({ a: byMiddle, b: byInput }, feeds);
    expect([...a.data]).toEqual(Array(6).fill(5));
    expect([...b.data]).toEqual(Array(6).fill(10));
  });

  it('do not flow through a condition or a choice of the largest', () => {
    const mask = ops.topKMask(ops.exp(x), 1);
    const loss = ops.reduceSum(ops.where(mask, 1, 0), [0, 1]);
    // Not merely zeros: nothing of the mask's inputs is differentiated.
    const kinds = topologicalOrder(gradients(loss, [x])).map((value) => value.op.kind);
    expect(kinds).toEqual(['constant']);
  });

  it('need a loss of one number', () => {
    expect(() => gradients(x, [x])).toThrow('gradient: the loss must be one number, not [2, 3]');
  });

  it('say that sizes known only at run time have none where they are needed', () => {
    const open = ops.input('open', ['batch', 3]);
    const loss = ops.reduceSum(ops.slice(open, 1, 0, 1), [0, 1]);
    expect(() => gradients(loss, [open])).toThrow(/gradient: .*\[batch, .*known only at run time/);
  });

  it('have no rule for gathering columns', () => {
    const columns = ops.gather(x, ops.input('ids', [2], 'int32'), 1);
    expect(() => gradients(ops.reduceSum(columns, [0, 1]), [x])).toThrow(
      'gather: has a gradient only for rows of a matrix, not [2, 3]',
    );
  });

  it('are not asked for where nothing wanted lies below', () => {
    const fixed = ops.gather(ops.input('table', [2, 3]), ops.input('ids', [3], 'int32'), 1);
    const loss = ops.reduceSum(ops.mul(x, fixed), [0, 1]);
    expect(gradients(loss, [x])[0].shape).toEqual([2, 3]);
  });
});
