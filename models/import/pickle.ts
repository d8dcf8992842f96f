/**
 * Pickles of protocol 2 as `torch.save` makes them of dictionaries, lists and tensors. A pickle is a
 * program; this reads only the opcodes and names below and runs nothing.
 */
import { ImportError } from './error';

/** An array of numbers of an archive, by the name of its file. */
export interface Storage {
  readonly key: string;
  readonly type: StorageType;
  /** Numbers. */
  readonly length: number;
}

/** A view of a storage; offset and strides count numbers. */
export class TensorRef {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** What a pickle may hold; lists and tuples are arrays, dictionaries maps. */
export type Pickled =
  | null
  | boolean
  | number
  | string
  | Pickled[]
  | Map<string | number | boolean | null, Pickled>
  | TensorRef;

/** Bytes of one number by the storage's class. */
export const STORAGE_TYPES = {
  FloatStorage: 4,
  DoubleStorage: 8,
  HalfStorage: 2,
  BFloat16Storage: 2,
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
} as const;
export type StorageType = keyof typeof STORAGE_TYPES;

type Callable = 'dict' | 'tensor' | 'parameter';
const GLOBALS: ReadonlyMap<string, Callable> = new Map([
  ['collections OrderedDict', 'dict'],
  ['torch._utils _rebuild_tensor_v2', 'tensor'],
  ['torch._utils _rebuild_parameter', 'parameter'],
]);

/** A name that a pickle asks for. */
class Global {
  constructor(readonly what: Callable | { readonly storage: StorageType }) {}
}
class StorageRef {
  constructor(readonly storage: Storage) {}
}
const MARK = Symbol('mark');
type Item = Pickled | Global | StorageRef | typeof MARK;

/** More values than the largest published circuit has, by far. */
const MOST_VALUES = 2 ** 24;
/** More numbers than fit in memory. */
const MOST_NUMBERS = 2 ** 33;
const MOST_AXES = 8;

/**
 * The value of a pickle.
 * @param file name for error messages
 * @throws ImportError on anything that such files do not have
 */
export function unpickle(bytes: Buffer, file: string): Pickled {
  return new Unpickler(bytes, file).run();
}

class Unpickler {
  private at = 0;
  private values = 0;
  private readonly stack: Item[] = [];
  private readonly memo = new Map<number, Item>();

  constructor(
    private readonly bytes: Buffer,
    private readonly file: string,
  ) {}

  run(): Pickled {
    for (;;) {
      const opcode = this.take(1)[0];
      if (opcode === 0x2e /* STOP */) return this.end();
      this.step(opcode);
    }
  }

  private end(): Pickled {
    const [value] = this.stack;
    if (this.stack.length !== 1 || this.at !== this.bytes.length) {
      throw this.refuse('does not end after a single value');
    }
    return this.plain(value);
  }

  private step(opcode: number): void {
    switch (opcode) {
      case 0x80: // PROTO
        if (this.at !== 1 || this.take(1)[0] !== 2) throw this.refuse('is not of protocol 2');
        return;
      case 0x63: // GLOBAL
        return this.push(this.global());
      case 0x71: // BINPUT
        return this.remember(this.take(1)[0]);
      case 0x72: // LONG_BINPUT
        return this.remember(this.take(4).readUInt32LE());
      case 0x68: // BINGET
        return this.recall(this.take(1)[0]);
      case 0x6a: // LONG_BINGET
        return this.recall(this.take(4).readUInt32LE());
      case 0x28: // MARK
        return this.push(MARK);
      case 0x29: // EMPTY_TUPLE
      case 0x5d: // EMPTY_LIST
        return this.push([]);
      case 0x7d: // EMPTY_DICT
        return this.push(new Map());
      case 0x74: // TUPLE
        return this.push(this.popToMark());
      case 0x85: // TUPLE1, TUPLE2, TUPLE3
      case 0x86:
      case 0x87:
        return this.push(this.popMany(opcode - 0x84));
      case 0x52: // REDUCE
        return this.reduce();
      case 0x62: // BUILD: attributes of a dictionary, such as the versions of modules
        this.pop();
        if (!(this.top() instanceof Map))
          throw this.refuse('sets fields of something other than a dictionary');
        return;
      case 0x58: // BINUNICODE
        return this.push(this.text(this.take(4).readUInt32LE()));
      case 0x4a: // BININT
        return this.push(this.take(4).readInt32LE());
      case 0x4b: // BININT1
        return this.push(this.take(1)[0]);
      case 0x4d: // BININT2
        return this.push(this.take(2).readUInt16LE());
      case 0x8a: // LONG1
        return this.push(this.long(this.take(1)[0]));
      case 0x47: // BINFLOAT
        return this.push(this.take(8).readDoubleBE());
      case 0x4e: // NONE
        return this.push(null);
      case 0x88: // NEWTRUE
        return this.push(true);
      case 0x89: // NEWFALSE
        return this.push(false);
      case 0x51: // BINPERSID
        return this.push(new StorageRef(this.storage(this.pop())));
      case 0x73: // SETITEM
        return this.setItems(this.popMany(2));
      case 0x75: // SETITEMS
        return this.setItems(this.popToMark());
      case 0x61: // APPEND
        return this.append(this.popMany(1));
      case 0x65: // APPENDS
        return this.append(this.popToMark());
      default:
        throw this.refuse(`has the opcode 0x${opcode.toString(16)}, which weights do not need`);
    }
  }

  private take(count: number): Buffer {
    if (this.at + count > this.bytes.length) throw this.refuse('is cut short');
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  private text(length: number): string {
    return this.take(length).toString('utf8');
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw this.refuse('is cut short');
    const line = this.text(end - this.at);
    this.at++;
    return line;
  }

  private long(length: number): number {
    let value = 0n;
    const bytes = this.take(length);
    for (let i = length - 1; i >= 0; i--) value = value * 256n + BigInt(bytes[i]);
    if (length > 0 && bytes[length - 1] >= 128) value -= 256n ** BigInt(length);
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw this.refuse('has a number too large for a size');
    return number;
  }

  private push(item: Item): void {
    if (++this.values > MOST_VALUES) throw this.refuse(`has over ${MOST_VALUES} values`);
    this.stack.push(item);
  }

  private pop(): Item {
    const item = this.stack.pop();
    if (item === undefined) throw this.refuse('takes what it never made');
    return item;
  }

  private top(): Item {
    const item = this.stack.at(-1);
    if (item === undefined) throw this.refuse('takes what it never made');
    return item;
  }

  private popMany(count: number): Pickled[] {
    const items = this.stack.splice(Math.max(0, this.stack.length - count));
    if (items.length !== count) throw this.refuse('takes what it never made');
    return items.map((item) => this.plain(item));
  }

  private popToMark(): Pickled[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw this.refuse('lacks a mark');
    const items = this.popMany(this.stack.length - mark - 1);
    this.stack.pop();
    return items;
  }

  /** Within tuples of a call or a persistent id, names and storages are items too. */
  private plain(item: Item): Pickled {
    if (item === MARK || item === undefined)
      throw this.refuse('has a mark where a value should be');
    return item as Pickled;
  }

  private remember(key: number): void {
    this.memo.set(key, this.top());
  }

  private recall(key: number): void {
    const item = this.memo.get(key);
    if (item === undefined) throw this.refuse('reads a memo entry that it never wrote');
    this.push(item);
  }

  private global(): Global {
    const name = `${this.line()} ${this.line()}`;
    const known = GLOBALS.get(name);
    if (known) return new Global(known);
    const [module, type] = name.split(' ');
    if (module === 'torch' && Object.hasOwn(STORAGE_TYPES, type)) {
      return new Global({ storage: type as StorageType });
    }
    throw new ImportError(
      `${this.file} asks for '${name.replace(' ', '.')}', which weights do not need and which may be harmful; nothing of it was run, and the file should not be loaded elsewhere either`,
    );
  }

  private storage(id: Item): Storage {
    const [tag, type, key, , length] = Array.isArray(id) ? (id as Item[]) : [];
    const what = type instanceof Global ? type.what : null;
    if (tag !== 'storage' || what === null || typeof what === 'string' || typeof key !== 'string') {
      throw this.refuse('refers to a storage in an unknown way');
    }
    return { key, type: what.storage, length: this.size(length) };
  }

  private size(value: Item | undefined): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0) {
      if (value <= MOST_NUMBERS) return value;
    }
    throw this.refuse('has a size that no array can have');
  }

  private sizes(value: Item | undefined): number[] {
    if (!Array.isArray(value) || value.length > MOST_AXES) throw this.refuse('has no shape');
    return value.map((size) => this.size(size));
  }

  private reduce(): void {
    const args = this.pop();
    const called = this.pop();
    const what = called instanceof Global ? called.what : null;
    if (!Array.isArray(args)) throw this.refuse('calls what cannot be called');
    const [first] = args as Item[];
    if (what === 'dict') {
      if (args.length > 0) throw this.refuse('makes a dictionary in an unknown way');
      return this.push(new Map());
    }
    if (what === 'parameter' && first instanceof TensorRef) return this.push(first);
    if (what === 'tensor' && first instanceof StorageRef)
      return this.push(this.tensor(first, args));
    throw this.refuse('calls what cannot be called');
  }

  private tensor({ storage }: StorageRef, [, offset, size, stride]: Item[]): TensorRef {
    const [start, shape, strides] = [this.size(offset), this.sizes(size), this.sizes(stride)];
    if (shape.length !== strides.length) throw this.refuse('has a shape without its strides');
    const numbers = shape.reduce((a, b) => a * b, 1);
    const last = shape.reduce((sum, count, i) => sum + (count - 1) * strides[i], start);
    if (numbers > storage.length || (numbers > 0 && last >= storage.length)) {
      throw this.refuse(`has an array [${shape}] past the end of its storage`);
    }
    return new TensorRef(storage, start, shape, strides);
  }

  private setItems(items: readonly Pickled[]): void {
    const into = this.top();
    if (!(into instanceof Map) || items.length % 2 !== 0)
      throw this.refuse('fills something other than a dictionary');
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (typeof key === 'object' && key !== null)
        throw this.refuse('has a key that is neither text nor a number');
      into.set(key, items[i + 1]);
    }
  }

  private append(items: readonly Pickled[]): void {
    const into = this.top();
    if (!Array.isArray(into)) throw this.refuse('appends to something other than a list');
    for (const item of items) into.push(item);
  }

  private refuse(what: string): ImportError {
    return new ImportError(`${this.file} ${what}; it is damaged or not a file of weights`);
  }
}
