/** A model's arrays by name, whichever file they are in. */
import * as v from 'valibot';
import { DOWNLOAD_AGAIN, ImportError } from './error';
import { floatsOf, isFloat, NUMBER_BYTES, type NumberType } from './numbers';
import { TensorRef } from './pickle';
import { RandomFile } from './randomFile';
import { TorchFile } from './torchFile';

/** The arrays of an open file. */
export interface Checkpoint {
  readonly path: string;
  /** Shape of every array by name. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Numbers of an array, row-major; throws an ImportError when they are not floating ones. */
  floats(name: string): Float32Array;
  close(): void;
}

/**
 * Opens a `.pt` or `.safetensors` file, reading all but its arrays.
 * @throws ImportError when it is neither, or damaged
 */
export function openCheckpoint(path: string): Checkpoint {
  return path.endsWith('.safetensors') ? openSafetensors(path) : openTorch(path);
}

function openTorch(path: string): Checkpoint {
  const file = TorchFile.open(path);
  const arrays = new Map<string, TensorRef>();
  const { content } = file;
  if (!(content instanceof Map)) {
    file.close();
    throw new ImportError(`${path} is not a state dict; give a file of weights by name`);
  }
  for (const [name, value] of content) {
    if (typeof name === 'string' && value instanceof TensorRef) {
      arrays.set(name, value);
      continue;
    }
    file.close();
    throw new ImportError(`${path}: '${name}' is not a tensor; give the file of a state dict`);
  }
  return {
    path,
    shapes: new Map(Array.from(arrays, ([name, { shape }]) => [name, shape])),
    floats: (name) => file.floats(arrays.get(name)!),
    close: () => {
      file.close();
    },
  };
}

const LENGTH_BYTES = 8;
const MOST_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const TYPES = Object.keys(NUMBER_BYTES) as NumberType[];
const HeaderSchema = v.record(
  v.string(),
  v.strictObject({
    dtype: v.picklist(TYPES),
    shape: v.pipe(v.array(whole), v.maxLength(8)),
    data_offsets: v.strictTuple([whole, whole]),
  }),
);
type Header = v.InferOutput<typeof HeaderSchema>;

function openSafetensors(path: string): Checkpoint {
  const file = RandomFile.open(path);
  try {
    const { header, start } = readHeader(file);
    return {
      path,
      shapes: new Map(Object.entries(header).map(([name, { shape }]) => [name, shape])),
      floats: (name) => {
        const { dtype, data_offsets } = header[name];
        if (!isFloat(dtype)) {
          throw new ImportError(`${path}: '${name}' has type ${dtype}, not floating-point numbers`);
        }
        const [from, to] = data_offsets;
        return floatsOf(file.read(start + from, to - from), dtype);
      },
      close: () => {
        file.close();
      },
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The header, checked against the size of the file: arrays one after another, without holes. */
function readHeader(file: RandomFile): { header: Header; start: number } {
  const damaged = (what: string) => new ImportError(`${file.path} ${what}; ${DOWNLOAD_AGAIN}`);
  const length = file.read(0, LENGTH_BYTES).readBigUInt64LE();
  if (length > MOST_HEADER_BYTES) throw damaged('has no safetensors header');
  const start = LENGTH_BYTES + Number(length);
  const text = file.read(LENGTH_BYTES, Number(length)).toString('utf8');
  const result = v.safeParse(HeaderSchema, withoutMetadata(text, damaged));
  if (!result.success) {
    throw damaged(
      `has an invalid safetensors header (${v.getDotPath(result.issues[0]) ?? 'not an object'})`,
    );
  }
  const header = result.output;
  let end = 0;
  const byStart = Object.entries(header).sort(
    ([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1],
  );
  for (const [name, { dtype, shape, data_offsets }] of byStart) {
    const bytes = shape.reduce((a, b) => a * b, NUMBER_BYTES[dtype]);
    if (data_offsets[0] !== end || data_offsets[1] - end !== bytes) {
      throw damaged(`, array '${name}' does not have the bytes of ${dtype} [${shape}]`);
    }
    end = data_offsets[1];
  }
  if (start + end !== file.size) {
    throw damaged(`has ${file.size - start} bytes of data, but its header describes ${end}`);
  }
  return { header, start };
}

function withoutMetadata(text: string, damaged: (what: string) => ImportError): object {
  try {
    const arrays = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return Object.fromEntries(arrays.filter(([name]) => name !== METADATA));
  } catch {
    throw damaged('has a header that is not JSON');
  }
}
