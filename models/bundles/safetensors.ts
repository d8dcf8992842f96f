/**
 * The safetensors file format (https://github.com/huggingface/safetensors): the header's length in
 * 8 bytes, a JSON header, then the arrays one after another without holes.
 */
import * as v from 'valibot';
import { sizeOf } from '../transformer/parameters';
import { BundleError, COPY_AGAIN, parseAs, parseJson } from './error';

/** Array type by name in the file; widest first, so that every array starts aligned to its width. */
const ARRAYS = { F32: Float32Array, I32: Int32Array, U16: Uint16Array, U8: Uint8Array } as const;
type Dtype = keyof typeof ARRAYS;
const DTYPES = Object.keys(ARRAYS) as Dtype[];

const LENGTH_BYTES = 8;
const ALIGNMENT = 8;
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
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
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
        `array '${name}' has ${data.length} numbers for shape [${shape}]; pass one for every entry`,
      );
    }
    const start = end;
    end += data.byteLength;
    header.push([name, { dtype: dtypeOf(tensor), shape, data_offsets: [start, end] }]);
  }
  return layOut(
    JSON.stringify(Object.fromEntries(header)),
    sorted.map(([, tensor]) => tensor),
    end,
  );
}

/** Length, padded header and arrays in one piece. */
function layOut(header: string, tensors: readonly Tensor[], dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(header);
  const headerBytes = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  const out = new Uint8Array(LENGTH_BYTES + headerBytes + dataBytes);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerBytes), true);
  out.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  out.set(text, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerBytes;
  for (const { data } of tensors) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return out;
}

/**
 * Content of the bytes of a file, in arrays of their own.
 * @param file name for error messages
 * @throws BundleError when anything does not fit: header, types, sizes, offsets, holes, leftovers
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const dataStart = LENGTH_BYTES + headerLength(bytes, file);
  // The text begins with a brace, so what parses is a record.
  const header = parseJson(bytes.subarray(LENGTH_BYTES, dataStart), file) as object;
  const fields = new Map<string, unknown>(Object.entries(header));
  const metadata = parseAs(MetadataSchema, fields.get(METADATA), file);
  fields.delete(METADATA);
  const entries = [...fields].map(
    ([name, raw]) => [name, parseAs(EntrySchema, raw, `${file}, array '${name}'`)] as const,
  );
  checkOffsets(entries, bytes.length - dataStart, file);

  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, shape, data_offsets }] of entries) {
    const [start, end] = data_offsets;
    const data = new ARRAYS[dtype](sizeOf(shape));
    new Uint8Array(data.buffer).set(bytes.subarray(dataStart + start, dataStart + end));
    tensors.set(name, { shape, data });
  }
  return { tensors, metadata };
}

function headerLength(bytes: Uint8Array, file: string): number {
  const room = bytes.length - LENGTH_BYTES;
  if (room < 0) throw new BundleError(`${file} is too short for safetensors; ${COPY_AGAIN}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(room) || bytes[LENGTH_BYTES] !== '{'.charCodeAt(0)) {
    throw new BundleError(`${file} has no whole safetensors header; ${COPY_AGAIN}`);
  }
  return Number(length);
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
      `${file} has ${dataBytes} bytes of data, its header describes ${covered}; ${COPY_AGAIN}`,
    );
  }
}

function dtypeOf({ data }: Tensor): Dtype {
  return DTYPES.find((dtype) => data instanceof ARRAYS[dtype])!;
}
