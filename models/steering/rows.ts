/** Lengths (Euclidean) of the rows of a matrix [row, width]. */
export function rowLengths(rows: Float32Array, width: number): number[] {
  return Array.from({ length: rows.length / width }, (_, row) =>
    Math.sqrt(rows.subarray(row * width, (row + 1) * width).reduce((sum, x) => sum + x * x, 0)),
  );
}
