/** A model's numbers in the engine's memory, once for all graphs that read them. */
import { isSparse, type SparseArray } from '../graph/sparse';

/** The nonzeros of a matrix [rows, columns], column by column: addresses in the engine's memory. */
export interface SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly nonzeros: number;
  /** int32 [columns + 1]: where each column's nonzeros start. */
  readonly starts: number;
  /** int32 [nonzeros]: the row of each. */
  readonly indices: number;
  /** float32 [nonzeros] */
  readonly values: number;
}

/** Share of nonzeros up to which a matrix is multiplied nonzero by nonzero. */
export const SPARSE_BELOW = 0.3;

/** Columns of a matrix [rows, columns] as lists; `transposed` reads the data as [columns, rows]. */
export function columnsOf(
  data: Float32Array | SparseArray,
  rows: number,
  columns: number,
  transposed: boolean,
): { starts: Int32Array; indices: Int32Array; values: Float32Array } {
  const starts = new Int32Array(columns + 1);
  const column = (i: number) => (transposed ? Math.floor(i / rows) : i % columns);
  visitNonzeros(data, (i) => starts[column(i) + 1]++);
  for (let c = 0; c < columns; c++) starts[c + 1] += starts[c];
  const next = starts.slice(0, columns);
  const indices = new Int32Array(starts[columns]);
  const values = new Float32Array(starts[columns]);
  visitNonzeros(data, (i, value) => {
    const at = next[column(i)]++;
    indices[at] = transposed ? i % rows : Math.floor(i / columns);
    values[at] = value;
  });
  return { starts, indices, values };
}

function visitNonzeros(
  data: Float32Array | SparseArray,
  found: (index: number, value: number) => void,
): void {
  const values = isSparse(data) ? data.values : data;
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== 0) found(isSparse(data) ? data.indices[i] : i, values[i]);
  }
}

/** Nonzeros among some numbers. */
export function nonzerosOf(data: Float32Array): number {
  let nonzeros = 0;
  for (const value of data) if (value !== 0) nonzeros++;
  return nonzeros;
}
