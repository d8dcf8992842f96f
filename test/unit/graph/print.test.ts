import { expect, it } from 'vitest';
import { gradients } from '../../../models/graph/gradient';
import * as ops from '../../../models/graph/ops';
import { printGraph } from '../../../models/graph/print';

it('a small layer and its gradients read well', () => {
  const x = ops.input('x', [4, 3]);
  const weight = ops.input('weight', [3, 2]);
  const bias = ops.input('bias', [2]);
  const hidden = ops.add(ops.matmul(x, weight), bias);
  const kept = ops.where(ops.topKMask(hidden, 1), hidden, 0);
  const loss = ops.reduceSum(ops.mul(kept, kept), [0, 1]);
  const [byWeight, byBias] = gradients(loss, [weight, bias]);
  expect('\n' + printGraph({ loss, byWeight, byBias })).toMatchInlineSnapshot(`
    "
    %0 = input x : float32[4, 3]
    %1 = input weight : float32[3, 2]
    %2 = matmul %0 %1 : float32[4, 2]
    %3 = input bias : float32[2]
    %4 = add %2 %3 : float32[4, 2]
    %5 = topKMask k=1 %4 : bool[4, 2]
    %6 = constant 0 : float32[]
    %7 = where %5 %4 %6 : float32[4, 2]
    %8 = mul %7 %7 : float32[4, 2]
    %9 = reduceSum axes=0,1 %8 : float32[1, 1]
    %10 = reshape %0 : float32[4, 3]
    %11 = transpose perm=1,0 %10 : float32[3, 4]
    %12 = constant 1 : float32[1, 1]
    %13 = expandLike %12 %8 : float32[4, 2]
    %14 = mul %13 %7 : float32[4, 2]
    %15 = mul %13 %7 : float32[4, 2]
    %16 = add %14 %15 : float32[4, 2]
    %17 = constant 0 : float32[]
    %18 = where %5 %16 %17 : float32[4, 2]
    %19 = reshape %18 : float32[4, 2]
    %20 = matmul %11 %19 : float32[3, 2]
    %21 = reduceSum axes=0 %18 : float32[1, 2]
    %22 = reshape %21 : float32[2]
    return loss = %9, byWeight = %20, byBias = %22
    "
  `);
});

it('every attribute is printed', () => {
  const x = ops.input('x', ['batch', 4]);
  const ids = ops.input('ids', ['batch'], 'int32');
  const fixed = ops.constant(Int32Array.of(2, 0), [2]);
  const outputs = {
    moved: ops.transpose(x, [1, 0]),
    half: ops.slice(x, 1, 1, 3),
    twice: ops.concat([x, x], 1),
    rows: ops.gather(x, fixed),
    placed: ops.place(ops.pick(x, ids), ids, 5),
    sum: ops.scatterAdd(fixed, ops.constant(new Float32Array(4), [2, 2]), 3),
  };
  expect('\n' + printGraph(outputs)).toMatchInlineSnapshot(`
    "
    %0 = input x : float32[batch, 4]
    %1 = transpose perm=1,0 %0 : float32[4, batch]
    %2 = slice axis=1 1:3 %0 : float32[batch, 2]
    %3 = concat axis=1 %0 %0 : float32[batch, 8]
    %4 = constant : int32[2]
    %5 = gather axis=0 %0 %4 : float32[2, 4]
    %6 = input ids : int32[batch]
    %7 = pick %0 %6 : float32[batch, 1]
    %8 = place depth=5 %7 %6 : float32[batch, 5]
    %9 = constant : float32[2, 2]
    %10 = scatterAdd rows=3 %4 %9 : float32[3, 2]
    return moved = %1, half = %2, twice = %3, rows = %5, placed = %8, sum = %10
    "
  `);
});
