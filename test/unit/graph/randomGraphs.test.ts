import fc from 'fast-check';
import { describe, it } from 'vitest';
import { showShape, type Value } from '../../../models/graph/ir';
import * as ops from '../../../models/graph/ops';
import { broadcastShapes } from '../../../models/graph/shapes';
import { Rng } from '../../../models/random';
import { sizeOf } from '../../support/arrays';
import { checkGradient, weightedSum } from '../../support/checkGradient';
import { example, f, feedsOf, inputsOf } from '../../support/examples';

/** Picks one of some values, or none where there are none. */
type Pick = (values: readonly Value[]) => Value | undefined;
/** One more value out of `a` and the values made so far; undefined where the shapes allow none. */
type Step = (a: Value, pool: readonly Value[], pick: Pick) => Value | undefined;

const rank = (x: Value) => x.shape.length;
const sizes = (x: Value) => x.shape as number[];
const width = (x: Value) => sizes(x)[rank(x) - 1];

/** Values that broadcast with `a`, which is one of them. */
const fitting = (a: Value, pool: readonly Value[]) =>
  pool.filter((b) => {
    try {
      return broadcastShapes('add', a.shape, b.shape).length > -1;
    } catch {
      return false;
    }
  });

const binary =
  (op: (a: Value, b: Value) => Value): Step =>
  (a, pool, pick) =>
    op(a, pick(fitting(a, pool)) ?? a);

/** Only for values with at least so many axes. */
const fromRank =
  (least: number, op: Step): Step =>
  (a, pool, pick) =>
    rank(a) >= least ? op(a, pool, pick) : undefined;

/** Fixed positions below a bound. */
function positions(shape: readonly number[], below: number): Value {
  const rng = new Rng('positions', below, ...shape);
  return ops.constant(
    Int32Array.from({ length: sizeOf(shape) }, () => rng.int(below)),
    shape,
  );
}

/** A fixed condition over the last axis; one of an input would have kinks. */
function condition(x: Value): Value {
  const rng = new Rng('condition', width(x));
  const signs = Float32Array.from({ length: width(x) }, () => rng.normal());
  return ops.greaterEqual(ops.constant(signs, [signs.length]), 0);
}

const aboveOne = (x: Value) => ops.add(ops.mul(x, x), 1);

const steps: Record<string, Step> = {
  add: binary(ops.add),
  sub: binary(ops.sub),
  mul: binary(ops.mul),
  div: binary((a, b) => ops.div(a, aboveOne(b))),
  neg: ops.neg,
  exp: ops.exp,
  log: (a) => ops.log(aboveOne(a)),
  sqrt: (a) => ops.sqrt(aboveOne(a)),
  erf: ops.erf,
  gelu: ops.gelu,
  where: fromRank(1, (a, pool, pick) => ops.where(condition(a), a, pick(fitting(a, pool)) ?? a)),
  matmul: fromRank(2, (a, pool, pick) => {
    const right = pool.filter((b) => rank(b) === 2 && width(b) === width(a));
    const b = pick(right);
    return b && ops.matmul(a, ops.swapLast(b));
  }),
  transpose: fromRank(1, (a) => ops.transpose(a, [...sizes(a).keys()].reverse())),
  flatten: (a) => ops.reshape(a, [sizeOf(sizes(a))]),
  newAxis: (a) => ops.reshape(a, [1, ...a.shape]),
  expandLike: (a, pool, pick) => ops.expandLike(a, ops.add(a, pick(fitting(a, pool)) ?? a)),
  sumFirst: fromRank(1, (a) => ops.reduceSum(a, [0])),
  sumAll: (a) => ops.reduceSum(a, [...sizes(a).keys()]),
  softmax: fromRank(1, ops.softmax),
  logSoftmax: fromRank(1, ops.logSoftmax),
  concat: fromRank(1, (a, pool, pick) => {
    const same = pool.filter((b) => showShape(b.shape) === showShape(a.shape));
    return ops.concat([a, pick(same) ?? a], 0);
  }),
  slice: fromRank(1, (a) => (width(a) > 1 ? ops.slice(a, rank(a) - 1, 1, width(a)) : undefined)),
  gather: fromRank(2, (a) =>
    rank(a) === 2 ? ops.gather(a, positions([3], sizes(a)[0])) : undefined,
  ),
  pick: fromRank(1, (a) => ops.pick(a, positions(sizes(a).slice(0, -1), width(a)))),
  place: fromRank(1, (a) =>
    width(a) === 1 ? ops.place(a, positions(sizes(a).slice(0, -1), 3), 3) : undefined,
  ),
};

/** x / sqrt(1 + x²): keeps numbers, and so the error of the differences, small. */
const squash = (x: Value) => ops.div(x, ops.sqrt(aboveOne(x)));

interface Instruction {
  readonly step: string;
  readonly a: number;
  readonly b: number;
}

/** Runs the instructions; every value made is part of the result, so that all are reused. */
function build(inputs: readonly Value[], instructions: readonly Instruction[]): Value {
  const pool = [...inputs];
  for (const { step, a, b } of instructions) {
    const pick: Pick = (values) => values[b % Math.max(1, values.length)];
    const made = steps[step](pool[a % pool.length], pool, pick);
    if (made && sizeOf(sizes(made)) <= 36) pool.push(squash(made));
  }
  return pool.map((x) => ops.reshape(weightedSum(x), [])).reduce((sum, x) => ops.add(sum, x));
}

describe('gradients of random graphs', () => {
  it('are the central differences', () => {
    const start = example('', { x: f([2, 3]), y: f([3]), z: f([]) }, ({ x }) => x);
    const instruction = fc.record({
      step: fc.constantFrom(...Object.keys(steps)),
      a: fc.nat(20),
      b: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(instruction, { minLength: 2, maxLength: 8 }), (instructions) => {
        const inputs = Object.values(inputsOf(start, 'static'));
        checkGradient(build(inputs, instructions), feedsOf(start));
      }),
      { seed: 20250101, numRuns: 150 },
    );
  });
});
