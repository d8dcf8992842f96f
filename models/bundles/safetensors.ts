/**
 * The safetensors file format (https://github.com/huggingface/safetensors): the header's length in
 * 8 bytes, a JSON header, then the arrays one after another without holes.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import * as v from 'valibot';
import { sizeOf } from '../transformer/parameters';
import { HalfArray } from '../halves';
import { BundleError, COPY_AGAIN, parseAs, parseJson } from './error';

/** Array type by name in the file; widest first, so that every array starts aligned to its width. */
const ARRAYS = {
  F32: Float32Array,
  I32: Int32Array,
  F16: HalfArray,
  U16: Uint16Array,
  U8: Uint8Array,
} as const;
type Dtype = keyof typeof ARRAYS;
const DTYPES = Object.keys(ARRAYS) as Dtype[];

const LENGTH_BYTES = 8;
const ALIGNMENT = 8;
/** As the format has it. */
const MOST_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

/** One array, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint16Array | Uint8Array;
}

/** Content of a file. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Free text by key. */
  readonly metadata: Readonly<Record<string, string>>;
}

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const EntrySchema = v.strictObject({
  dtype: v.picklist(DTYPES),
  shape: v.array(whole),
  data_offsets: v.strictTuple([whole, whole]),
});
const MetadataSchema = v.optional(v.record(v.string(), v.string()), {});

/** Bytes of a file; throws a BundleError when an array does not have the size of its shape. */
export function encodeSafetensors(content: Safetensors): Uint8Array {
  const parts = safetensorsParts(content);
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The same in parts, arrays not copied, for files too large for one array of bytes. */
export function safetensorsParts({ tensors, metadata }: Safetensors): Uint8Array[] {
  const rank = (tensor: Tensor) => DTYPES.indexOf(dtypeOf(tensor));
  const sorted = [...tensors].sort(
    ([nameA, a], [nameB, b]) => rank(a) - rank(b) || (nameA < nameB ? -1 : 1),
  );
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push([METADATA, metadata]);
  let end = 0;
  for (const [name, tensor] of sorted) {
    const { shape, data } = tensor;
    if (sizeOf(shape) !== data.length || name === METADATA) {
      throw new BundleError(
        `array '${name}' has ${data.length} numbers for shape [${shape}]; pass one number per entry`,
      );
    }
    const start = end;
    end += data.byteLength;
    header.push([name, { dtype: dtypeOf(tensor), shape, data_offsets: [start, end] }]);
  }
  const data = sorted.map(
    ([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  return [headerBytes(JSON.stringify(Object.fromEntries(header))), ...data];
}

/** Length and padded text of a header. */
function headerBytes(header: string): Uint8Array {
  const text = new TextEncoder().encode(header);
  const padded = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  const out = new Uint8Array(LENGTH_BYTES + padded).fill(0x20);
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true);
  out.set(text, LENGTH_BYTES);
  return out;
}

/** Bytes that are somewhere, of which parts are read. */
interface ByteSource {
  readonly length: number;
  /** Fills an array with the bytes from a place on. */
  read(from: number, into: Uint8Array): void;
}

/**
 * Content of the bytes of a file, in arrays of their own.
 * @param file name for error messages
 * @throws BundleError when anything does not fit: header, types, sizes, offsets, holes, leftovers
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const read = (from: number, into: Uint8Array) => {
    into.set(bytes.subarray(from, from + into.length));
  };
  return decodeFrom({ length: bytes.length, read }, file);
}

/**
 * Content of a file of any size, read array by array.
 * @param names arrays that are read; the others are checked and left
 * @throws BundleError as `decodeSafetensors`; the file system's error when it cannot be read
 */
export function readSafetensors(file: string, names: readonly string[]): Safetensors {
  const descriptor = openSync(file, 'r');
  try {
    const read = (from: number, into: Uint8Array) => {
      readFully(descriptor, from, into, file);
    };
    return decodeFrom({ length: fstatSync(descriptor).size, read }, file, names);
  } finally {
    closeSync(descriptor);
  }
}

/** The system gives at most 2 GiB at once. */
const MOST_AT_ONCE = 1 << 28;

function readFully(descriptor: number, from: number, into: Uint8Array, file: string): void {
  for (let done = 0; done < into.length;) {
    const length = Math.min(MOST_AT_ONCE, into.length - done);
    const got = readSync(descriptor, into, done, length, from + done);
    if (got === 0) throw new BundleError(`${file} became shorter while it was read; ${COPY_AGAIN}`);
    done += got;
  }
}

function decodeFrom(source: ByteSource, file: string, names?: readonly string[]): Safetensors {
  const text = headerText(source, file);
  const dataStart = LENGTH_BYTES + text.length;
  // The text begins with a brace, so what parses is a record.
  const header = parseJson(text, file) as object;
  const fields = new Map<string, unknown>(Object.entries(header));
  const metadata = parseAs(MetadataSchema, fields.get(METADATA), file);
  fields.delete(METADATA);
  const entries = [...fields].map(
    ([name, raw]) => [name, parseAs(EntrySchema, raw, `${file}, array '${name}'`)] as const,
  );
  checkOffsets(entries, source.length - dataStart, file);

  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, shape, data_offsets }] of entries) {
    if (names && !names.includes(name)) continue;
    const data = new ARRAYS[dtype](sizeOf(shape));
    source.read(dataStart + data_offsets[0], new Uint8Array(data.buffer));
    tensors.set(name, { shape, data });
  }
  return { tensors, metadata };
}

function headerText(source: ByteSource, file: string): Uint8Array {
  const room = source.length - LENGTH_BYTES;
  if (room < 0) throw new BundleError(`${file} is too short for safetensors; ${COPY_AGAIN}`);
  const start = new Uint8Array(Math.min(LENGTH_BYTES + 1, source.length));
  source.read(0, start);
  const length = new DataView(start.buffer).getBigUint64(0, true);
  const most = BigInt(Math.min(room, MOST_HEADER_BYTES));
  if (length > most || start[LENGTH_BYTES] !== '{'.charCodeAt(0)) {
    throw new BundleError(`${file} has no complete safetensors header; ${COPY_AGAIN}`);
  }
  const text = new Uint8Array(Number(length));
  source.read(LENGTH_BYTES, text);
  return text;
}

/** Every array has the bytes of its shape, and all of them cover the data exactly once. */
function checkOffsets(
  entries: readonly (readonly [string, v.InferOutput<typeof EntrySchema>])[],
  dataBytes: number,
  file: string,
): void {
  const byStart = entries.toSorted(
    ([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1],
  );
  let covered = 0;
  for (const [name, { dtype, shape, data_offsets }] of byStart) {
    const [start, end] = data_offsets;
    const size = sizeOf(shape) * ARRAYS[dtype].BYTES_PER_ELEMENT;
    if (start !== covered || end - start !== size) {
      throw new BundleError(
        `${file}, array '${name}': bytes ${start} to ${end} do not fit ${dtype} [${shape}]` +
          ` from byte ${covered}; ${COPY_AGAIN}`,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw new BundleError(
      `${file} has ${dataBytes} bytes of data, but its header describes ${covered}; ${COPY_AGAIN}`,
    );
  }
}

function dtypeOf({ data }: Tensor): Dtype {
  // Bits of halves are 16-bit integers too, of which they come first.
  return DTYPES.find((dtype) => data instanceof ARRAYS[dtype])!;
}
