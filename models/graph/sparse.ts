/** Arrays that are mostly zero, as their nonzero entries. */

/** The entries of a flat array that are not zero. */
export interface SparseArray {
  /** Entries in all, zeros too. */
  readonly length: number;
  /** Place of every nonzero entry, ascending. */
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

export function isSparse(data: object): data is SparseArray {
  return !ArrayBuffer.isView(data);
}

/** All entries of an array, in an array of their own when it is sparse. */
export function denseOf(data: Float32Array | SparseArray): Float32Array;
export function denseOf(data: Float32Array | Int32Array | SparseArray): Float32Array | Int32Array;
export function denseOf(data: Float32Array | Int32Array | SparseArray) {
  if (!isSparse(data)) return data;
  const dense = new Float32Array(data.length);
  scatter(data, dense);
  return dense;
}

/** Writes the nonzero entries into zeros. */
function scatter({ indices, values }: SparseArray, into: Float32Array): void {
  for (let i = 0; i < indices.length; i++) into[indices[i]] = values[i];
}

/**
 * The nonzero entries of an array where that is shorter than the array itself, else the array.
 * A negative zero counts as an entry, so that it comes back as one.
 */
export function sparsest(data: Float32Array): Float32Array | SparseArray {
  const bits = new Int32Array(data.buffer, data.byteOffset, data.length);
  let nonzero = 0;
  for (const word of bits) if (word !== 0) nonzero++;
  if (nonzero * 2 > data.length) return data;
  const indices = new Int32Array(nonzero);
  const values = new Float32Array(nonzero);
  let at = 0;
  for (let i = 0; i < bits.length; i++) {
    if (bits[i] === 0) continue;
    indices[at] = i;
    values[at++] = data[i];
  }
  return { length: data.length, indices, values };
}
