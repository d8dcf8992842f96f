/** A matrix row by row, without all of its entries in memory where it is mostly zero. */
import { isSparse, sparsest, type SparseArray } from './sparse';

export class MatrixRows {
  private readonly data: Float32Array | SparseArray;
  /** Of an array of nonzeros: where those of each row start, and after the last row. */
  private readonly starts: Int32Array;

  /**
   * @param entries [row, column]
   * @param width columns
   */
  constructor(
    entries: Float32Array | SparseArray,
    private readonly width: number,
  ) {
    const data = isSparse(entries) ? entries : sparsest(entries);
    this.data = data;
    this.starts = new Int32Array(isSparse(data) ? data.length / width + 1 : 0);
    if (!isSparse(data)) return;
    let [row, i] = [0, 0];
    for (; i < data.indices.length; i++) {
      while (row * width <= data.indices[i]) this.starts[row++] = i;
    }
    this.starts.fill(i, row);
  }

  /** Every entry of a row that is not zero, by ascending column. */
  visit(row: number, found: (column: number, value: number) => void): void {
    const { data, width, starts } = this;
    const first = row * width;
    if (isSparse(data)) {
      for (let i = starts[row]; i < starts[row + 1]; i++) {
        const value = data.values[i];
        if (value !== 0) found(data.indices[i] - first, value); // A zero of either sign is none.
      }
    } else {
      for (let column = 0; column < width; column++) {
        const value = data[first + column];
        if (value !== 0) found(column, value);
      }
    }
  }

  /** One entry. */
  at(row: number, column: number): number {
    const { data, width, starts } = this;
    const place = row * width + column;
    if (!isSparse(data)) return data[place];
    let [low, high] = [starts[row], starts[row + 1]];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (data.indices[middle] < place) low = middle + 1;
      else high = middle;
    }
    return low < starts[row + 1] && data.indices[low] === place ? data.values[low] : 0;
  }
}
