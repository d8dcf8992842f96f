/** Examples of graphs: the arrays they take and what they make of them. */
import type { DType, Shape, Value } from '../../models/graph/ir';
import * as ops from '../../models/graph/ops';
import { Rng } from '../../models/random';
import { array, sizeOf, type NdArray } from './arrays';

/** An array that an example takes. */
export interface Given {
  readonly shape: readonly number[];
  /** The same shape with sizes known only at run time, where the operation allows them. */
  readonly symbolic?: Shape;
  readonly dtype: DType;
  readonly data: readonly number[];
}

/** One example: arrays by name, and what is made of them. */
export interface Example {
  readonly name: string;
  readonly given: Readonly<Record<string, Given>>;
  readonly build: (x: Record<string, Value>) => Value;
}

/** An example from its parts. */
export function example(name: string, given: Example['given'], build: Example['build']): Example {
  return { name, given, build };
}

const floats = (low: number) => (shape: readonly number[], symbolic?: Shape) => ({
  ...{ shape, dtype: 'float32' as const, data: spread(shape, low) },
  ...(symbolic && { symbolic }),
});
/** Given numbers of both signs. */
export const f = floats(-2);
/** Given positive numbers. */
export const positive = floats(0.2);

/** Given integers. */
export function ids(shape: readonly number[], data: readonly number[], symbolic?: Shape): Given {
  return { shape, dtype: 'int32', data, ...(symbolic && { symbolic }) };
}

/**
 * Numbers in (low, low + 4) in random order, all different by more than a finite difference's step,
 * in magnitude too: no example sits where a choice of the k largest is about to change.
 */
function spread(shape: readonly number[], low: number): number[] {
  const size = sizeOf(shape);
  const grid = Array.from({ length: size }, (_, i) => low + (4 * (i + 0.3)) / size);
  return new Rng('examples', low, ...shape).shuffle(grid);
}

/** The example's arrays as inputs of a graph, of fixed or of run-time sizes. */
export function inputsOf({ given }: Example, sizes: 'static' | 'symbolic'): Record<string, Value> {
  const entries = Object.entries(given).map(([name, { shape, symbolic, dtype }]) => {
    const chosen = sizes === 'symbolic' ? (symbolic ?? shape) : shape;
    return [name, ops.input(name, chosen, dtype)];
  });
  return Object.fromEntries(entries) as Record<string, Value>;
}

/** The example's numbers by input name, as float32 has them. */
export function feedsOf({ given }: Example): Record<string, NdArray> {
  const entries = Object.entries(given).map(([name, { shape, data }]) => [
    name,
    array(shape, Float32Array.from(data)),
  ]);
  return Object.fromEntries(entries) as Record<string, NdArray>;
}
