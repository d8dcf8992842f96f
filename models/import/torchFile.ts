/** Files that `torch.save` wrote: a zip of one pickle and one raw array a storage. */
import { DOWNLOAD_AGAIN, ImportError } from './error';
import { floatsOf, integersOf, isFloat, type NumberType } from './numbers';
import { STORAGE_TYPES, TensorRef, unpickle, type Pickled, type StorageType } from './pickle';
import { RandomFile } from './randomFile';
import { readZip, readZipEntry, type ZipEntry } from './zip';

/** Pickles of weights take kilobytes, those of circuits some tens of megabytes. */
const MOST_PICKLE_BYTES = 2 ** 28;
const PICKLE = '/data.pkl';

const TYPES: Readonly<Record<StorageType, NumberType>> = {
  ...{ FloatStorage: 'F32', DoubleStorage: 'F64', HalfStorage: 'F16', BFloat16Storage: 'BF16' },
  ...{ LongStorage: 'I64', IntStorage: 'I32', ShortStorage: 'I16', CharStorage: 'I8' },
  ...{ ByteStorage: 'U8', BoolStorage: 'BOOL' },
};

/** An open file; its arrays are read one at a time. */
export class TorchFile {
  private constructor(
    private readonly file: RandomFile,
    private readonly entries: ReadonlyMap<string, ZipEntry>,
    private readonly top: string,
    /** What was saved, with a reference for every array. */
    readonly content: Pickled,
  ) {}

  /**
   * Opens a file and reads all but its arrays. Nothing in it is run.
   * @throws ImportError when it is no such file, damaged, or made to do harm
   */
  static open(path: string): TorchFile {
    const file = RandomFile.open(path);
    try {
      const entries = readZip(file);
      const pickles = [...entries.values()].filter(({ name }) => name.endsWith(PICKLE));
      if (pickles.length !== 1) {
        throw new ImportError(
          `${path} has ${pickles.length} pickles instead of one, so it is not a checkpoint; give another file`,
        );
      }
      const [pickle] = pickles;
      if (pickle.size > MOST_PICKLE_BYTES) {
        throw new ImportError(
          `${path} has a pickle of ${pickle.size} bytes, too large for a checkpoint; give another file`,
        );
      }
      const top = pickle.name.slice(0, -PICKLE.length);
      const order = entries.get(`${top}/byteorder`);
      if (order && readZipEntry(file, order).toString('latin1').trim() !== 'little') {
        throw new ImportError(
          `${path} was saved on a big-endian machine; save it again on a little-endian one`,
        );
      }
      const content = unpickle(readZipEntry(file, pickle), path);
      return new TorchFile(file, entries, top, content);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  get path(): string {
    return this.file.path;
  }

  /** Whether an array is of floating type. */
  isFloat(tensor: TensorRef): boolean {
    return isFloat(this.typeOf(tensor));
  }

  /** Type of an array's numbers. */
  typeOf({ storage }: TensorRef): NumberType {
    return TYPES[storage.type];
  }

  /**
   * Numbers of an array of floating type, row-major.
   * @throws ImportError when it has another type, or its storage another size than it says
   */
  floats(tensor: TensorRef): Float32Array {
    const type = this.typeOf(tensor);
    if (!isFloat(type)) throw this.unfit(tensor, `has type ${type}, not floating-point numbers`);
    const all = floatsOf(this.bytes(tensor), type);
    const places = viewOf(tensor, all.length);
    return places ? Float32Array.from(places, (place) => all[place]) : all;
  }

  /** The same for an array of integers. */
  integers(tensor: TensorRef): number[] {
    const type = this.typeOf(tensor);
    if (isFloat(type)) throw this.unfit(tensor, `has type ${type}, not integers`);
    const all = integersOf(this.bytes(tensor), type);
    return viewOf(tensor, all.length)?.map((place) => all[place]) ?? all;
  }

  close(): void {
    this.file.close();
  }

  private bytes({ storage }: TensorRef): Buffer {
    const { key, type, length } = storage;
    const entry = this.entries.get(`${this.top}/data/${key}`);
    const bytes = length * STORAGE_TYPES[type];
    if (!entry || entry.size !== bytes) {
      const has = entry ? `${entry.size} bytes` : 'nothing';
      throw new ImportError(
        `${this.path} has ${has} for storage '${key}' of ${bytes} bytes; ${DOWNLOAD_AGAIN}`,
      );
    }
    return readZipEntry(this.file, entry);
  }

  private unfit({ storage, shape }: TensorRef, what: string): ImportError {
    return new ImportError(`${this.path}: storage '${storage.key}' [${shape}] ${what}`);
  }
}

/** Places in the storage of a view's numbers, row-major; null when it is the storage as it is. */
function viewOf({ offset, shape, strides }: TensorRef, length: number): number[] | null {
  const count = shape.reduce((a, b) => a * b, 1);
  let expected = 1;
  let dense = offset === 0 && count === length;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] > 1 && strides[axis] !== expected) dense = false;
    expected *= shape[axis];
  }
  if (dense) return null;
  return Array.from({ length: count }, (_, i) => {
    let rest = i;
    let place = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += (rest % shape[axis]) * strides[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    return place;
  });
}
