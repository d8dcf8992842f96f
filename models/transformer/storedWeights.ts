/** A model's arrays in memory as they are on disk: those that are mostly zero as their other entries. */
import { denseOf, isSparse, type SparseArray } from '../graph/sparse';
import type { Weights } from './parameters';

/** Numbers of a model up to which dense arrays, once made, are kept: 64 MB. */
const KEPT_NUMBERS = 2 ** 24;

/**
 * Weights whose arrays are made dense when they are asked for. Those of a large model are forgotten
 * when nobody holds them any more.
 */
export class StoredWeights implements Weights {
  private readonly made = new Map<string, Float32Array | WeakRef<Float32Array>>();
  private readonly small: boolean;

  constructor(private readonly arrays: ReadonlyMap<string, Float32Array | SparseArray>) {
    const numbers = [...arrays.values()].reduce((sum, { length }) => sum + length, 0);
    this.small = numbers <= KEPT_NUMBERS;
  }

  /** An array as it is stored. */
  stored(name: string): Float32Array | SparseArray | undefined {
    return this.arrays.get(name);
  }

  get(name: string): Float32Array | undefined {
    const data = this.arrays.get(name);
    if (!data || !isSparse(data)) return data;
    const made = this.made.get(name);
    const known = made instanceof WeakRef ? made.deref() : made;
    if (known) return known;
    const dense = denseOf(data);
    this.made.set(name, this.small ? dense : new WeakRef(dense));
    return dense;
  }

  has(name: string): boolean {
    return this.arrays.has(name);
  }

  get size(): number {
    return this.arrays.size;
  }

  keys(): MapIterator<string> {
    return this.arrays.keys();
  }

  /** One dense array at a time. */
  *entries(): MapIterator<[string, Float32Array]> {
    for (const name of this.keys()) yield [name, this.get(name)!];
  }

  *values(): MapIterator<Float32Array> {
    for (const [, data] of this.entries()) yield data;
  }

  [Symbol.iterator](): MapIterator<[string, Float32Array]> {
    return this.entries();
  }

  forEach(visit: (data: Float32Array, name: string, all: this) => void): void {
    for (const [name, data] of this) visit(data, name, this);
  }
}

/** An array in its shortest form at hand; undefined when there is none of the name. */
export function storedArray(
  weights: Weights,
  name: string,
): Float32Array | SparseArray | undefined {
  return weights instanceof StoredWeights ? weights.stored(name) : weights.get(name);
}
