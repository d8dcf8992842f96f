/**
 * A matrix of bytes packed without loss: a counted bigram table, whose entries are nearly a sum of one
 * number a row and one a column, takes less than half its size as what is left beyond that sum.
 */
import { deflateSync, inflateSync } from 'node:zlib';
import type { Tensor } from './safetensors';

/** Names of the arrays that hold a packed matrix, after its own. */
const PARTS = { rows: '.rows', columns: '.columns', rest: '.rest' } as const;
/** Turns of fitting rows and columns; more change nothing to speak of. */
const TURNS = 2;
/** Bytes and what is left of them lie between -BYTES and BYTES. */
const BYTES = 256;

/** The arrays of a matrix [rows, columns] of bytes. */
export function packTable(
  name: string,
  [rowCount, columnCount]: readonly number[],
  data: Uint8Array,
): [string, Tensor][] {
  const rows = new Int32Array(rowCount);
  const columns = new Int32Array(columnCount);
  for (let turn = 0; turn < TURNS; turn++) {
    for (let c = 0; c < columnCount; c++) {
      columns[c] = median(rowCount, (r) => data[r * columnCount + c] - rows[r]);
    }
    for (let r = 0; r < rowCount; r++) {
      rows[r] = median(columnCount, (c) => data[r * columnCount + c] - columns[c]);
    }
  }
  // Column by column, modulo 256.
  const rest = new Uint8Array(data.length);
  for (let c = 0, at = 0; c < columnCount; c++) {
    for (let r = 0; r < rowCount; r++)
      rest[at++] = data[r * columnCount + c] - rows[r] - columns[c];
  }
  const deflated = new Uint8Array(deflateSync(rest, { level: 9 }));
  return [
    [name + PARTS.rows, { shape: [rowCount], data: rows }],
    [name + PARTS.columns, { shape: [columnCount], data: columns }],
    [name + PARTS.rest, { shape: [deflated.length], data: deflated }],
  ];
}

/**
 * The bytes [rows, columns] of a packed matrix; undefined when its arrays are not there.
 * @param take gives an array by name
 * @throws Error that says in a few words what is wrong with the arrays
 */
export function unpackTable(
  name: string,
  [rowCount, columnCount]: readonly number[],
  take: (name: string) => Tensor | undefined,
): Uint8Array | undefined {
  const [rows, columns, rest] = [PARTS.rows, PARTS.columns, PARTS.rest].map(
    (part) => take(name + part)?.data,
  );
  if (!rows && !columns && !rest) return undefined;
  const fits = rows?.length === rowCount && columns?.length === columnCount;
  const typed =
    rows instanceof Int32Array && columns instanceof Int32Array && rest instanceof Uint8Array;
  if (!fits || !typed) throw new Error('has packed parts that do not fit together');
  const size = rowCount * columnCount;
  const inflated = inflate(rest, size);
  const data = new Uint8Array(size);
  for (let c = 0, at = 0; c < columnCount; c++) {
    for (let r = 0; r < rowCount; r++) {
      data[r * columnCount + c] = inflated[at++] + rows[r] + columns[c];
    }
  }
  return data;
}

/** So many bytes, and never room for more. */
function inflate(bytes: Uint8Array, size: number): Uint8Array {
  let inflated: Uint8Array;
  try {
    inflated = inflateSync(bytes, { maxOutputLength: size });
  } catch {
    throw new Error('cannot be unpacked');
  }
  if (inflated.length !== size)
    throw new Error(`unpacks to ${inflated.length} bytes instead of ${size}`);
  return inflated;
}

/** The lower median of numbers between -BYTES and BYTES, others counted at the ends. */
function median(count: number, value: (index: number) => number): number {
  const counts = new Int32Array(2 * BYTES + 1);
  for (let i = 0; i < count; i++) counts[Math.max(0, Math.min(2 * BYTES, value(i) + BYTES))]++;
  let at = 0;
  for (let seen = counts[0]; 2 * seen < count; seen += counts[at]) at++;
  return at - BYTES;
}
