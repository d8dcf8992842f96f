/** A matrix read by rows: the same whether it is kept whole or as its nonzeros. */
import { describe, expect, it } from 'vitest';
import { MatrixRows } from '../../../models/graph/matrixRows';
import { isSparse, sparsest, type SparseArray } from '../../../models/graph/sparse';
import { Rng } from '../../../models/random';

const [ROWS, WIDTH] = [7, 5];

/** Entries of which about a share is not zero; first and last row are empty. */
function matrix(share: number): Float32Array {
  const rng = new Rng('matrix rows', share);
  return Float32Array.from({ length: ROWS * WIDTH }, (_, i) => {
    const row = Math.floor(i / WIDTH);
    return row > 0 && row < ROWS - 1 && rng.next() < share ? rng.normal() : 0;
  });
}

function expectSame(rows: MatrixRows, data: Float32Array): void {
  for (let row = 0; row < ROWS; row++) {
    const own = data.subarray(row * WIDTH, (row + 1) * WIDTH);
    expect(Array.from(own, (_, column) => rows.at(row, column))).toEqual([...own]);
    const seen: [number, number][] = [];
    rows.visit(row, (column, value) => seen.push([column, value]));
    expect(seen).toEqual([...own.entries()].filter(([, value]) => value !== 0));
  }
}

describe('rows of a matrix', () => {
  it.each([0.05, 0.4, 1])('with a share of %d that is not zero are its entries', (share) => {
    const data = matrix(share);
    expectSame(new MatrixRows(data, WIDTH), data);
    const stored = sparsest(data);
    expect(isSparse(stored)).toBe(share < 0.5);
    expectSame(new MatrixRows(stored, WIDTH), data);
  });

  it('leave out zeros that are stored', () => {
    const stored: SparseArray = {
      length: ROWS * WIDTH,
      indices: Int32Array.of(6, 8),
      values: Float32Array.of(-0, 3),
    };
    const data = new Float32Array(ROWS * WIDTH);
    data[8] = 3;
    const rows = new MatrixRows(stored, WIDTH);
    const seen: number[] = [];
    rows.visit(1, (column) => seen.push(column));
    expect(seen).toEqual([3]);
    expect([rows.at(1, 1) === 0, rows.at(1, 3)]).toEqual([true, 3]);
  });
});
