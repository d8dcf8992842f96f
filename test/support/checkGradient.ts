/** Derivatives of a graph against central differences, both through the float64 evaluator. */
import { gradients } from '../../models/graph/gradient';
import { topologicalOrder, type Value } from '../../models/graph/ir';
import * as ops from '../../models/graph/ops';
import { Rng } from '../../models/random';
import { array, expectClose, sizeOf, type NdArray } from './arrays';
import { evaluate, type Feeds } from './evaluate';

/**
 * Largest error, relative to the largest entry where that is above 1. The rules' own constants, such
 * as 1/sqrt(2π), are float32 and carry up to 6e-8 each; the differences are good to 1e-9.
 */
export const GRADIENT_TOLERANCE = 3e-7;
/** Small, so that hardly any choice of the k largest changes within it. */
const STEP = 1e-5;

/** A loss that depends on every entry of a value, each with another random weight. */
export function weightedSum(value: Value): Value {
  const shape = value.shape as number[];
  const rng = new Rng('weights', ...shape);
  const random = Float32Array.from({ length: sizeOf(shape) }, () => rng.normal());
  const weights = ops.constant(random, shape);
  const terms = value.dtype === 'bool' ? ops.where(value, weights, 0) : ops.mul(value, weights);
  return ops.reduceSum(terms, [...shape.keys()]);
}

/** Derivatives of a loss by some entries of an input, by central differences. */
export function differences(
  loss: Value,
  feeds: Feeds,
  name: string,
  entries: readonly number[],
): Float64Array {
  const { shape, data } = feeds[name];
  const at = (entry: number, shift: number): number => {
    const moved = array(shape, data.with(entry, data[entry] + shift));
    return evaluate({ loss }, { ...feeds, [name]: moved }).loss.data[0];
  };
  return Float64Array.from(entries, (entry) => (at(entry, STEP) - at(entry, -STEP)) / (2 * STEP));
}

/** Fails unless the gradients of a value, by all float inputs below it, are the central differences. */
export function checkGradient(value: Value, feeds: Feeds): void {
  const loss = weightedSum(value);
  const inputs = topologicalOrder([value]).flatMap((x) =>
    x.op.kind === 'input' && x.dtype === 'float32' ? [{ name: x.op.name, value: x }] : [],
  );
  const grads = gradients(
    loss,
    inputs.map((x) => x.value),
  );
  const results = evaluate(Object.fromEntries(grads.map((g, i) => [inputs[i].name, g])), feeds);
  for (const { name } of inputs) {
    const { shape, data } = feeds[name];
    const numeric = array(shape, differences(loss, feeds, name, [...data.keys()]));
    expectClose(...normalised(results[name], numeric), GRADIENT_TOLERANCE, `gradient by ${name}`);
  }
}

/** Both divided by the largest expected entry, where that is above 1. */
function normalised(actual: NdArray, expected: NdArray): [NdArray, NdArray] {
  const largest = Math.max(1, ...expected.data.map(Math.abs));
  const scaled = ({ shape, data }: NdArray) => ({ shape, data: data.map((x) => x / largest) });
  return [scaled(actual), scaled(expected)];
}
