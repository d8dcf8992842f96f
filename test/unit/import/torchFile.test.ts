import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../models/import/checkpoint';
import { ImportError } from '../../../models/import/error';
import { unpickle } from '../../../models/import/pickle';
import { TorchFile } from '../../../models/import/torchFile';
import {
  dictPickle,
  fileOf,
  floats,
  pickle,
  tensorCode,
  torchFile,
  zipOf,
  type Entry,
  type PickledTensor,
} from './archive';
import { FIXTURES } from './fixtures';

/** The array named `w` of a file. */
function read(file: string): number[] {
  const checkpoint = openCheckpoint(file);
  try {
    return [...checkpoint.floats('w')];
  } finally {
    checkpoint.close();
  }
}

describe('arrays of a file', () => {
  it.each<[string, PickledTensor, Partial<Entry>, number[]]>([
    ['as they are stored', {}, {}, [1, 2, 3, 4]],
    ['with sizes of 64 bits', {}, { zip64: true }, [1, 2, 3, 4]],
    ['turned by strides', { strides: [1, 2] }, {}, [1, 3, 2, 4]],
    ['from an offset', { offset: 1, shape: [2], strides: [1] }, {}, [2, 3]],
    ['of one number', { offset: 3, shape: [], strides: [] }, {}, [4]],
    ['of no number', { shape: [0, 2] }, {}, []],
    ['repeated', { shape: [3], strides: [0], offset: 2 }, {}, [3, 3, 3]],
    [
      'of 64 bits',
      { storage: 'DoubleStorage', length: 2, shape: [2], strides: [1] },
      { bytes: Buffer.from(Float64Array.of(0.5, -3).buffer) },
      [0.5, -3],
    ],
    [
      'of 16 bits',
      { storage: 'HalfStorage', length: 8, shape: [8], strides: [1] },
      {
        bytes: Buffer.from(
          Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x0001, 0x8000, 0x7bff, 0x0400, 0x7c00).buffer,
        ),
      },
      [1, -2, 0.333251953125, 2 ** -24, -0, 65504, 2 ** -14, Infinity],
    ],
    [
      'of bfloat16',
      { storage: 'BFloat16Storage', length: 4, shape: [4], strides: [1] },
      { bytes: Buffer.from(Uint16Array.of(0x3f80, 0xc000, 0x3eab, 0x8000).buffer) },
      [1, -2, 0.333984375, -0],
    ],
  ])('are read %s', (_, tensor, data, expected) => {
    expect(read(torchFile(tensor, data))).toEqual(expected);
  });

  it('of integers are read as integers, and as nothing else', () => {
    const bytes = Buffer.from(BigInt64Array.of(5n, -7n, 2n ** 40n).buffer);
    const tensor = { storage: 'LongStorage', length: 3, shape: [3], strides: [1] };
    const path = torchFile(tensor, { bytes });
    expect(() => read(path)).toThrow('has type I64, not floating-point numbers');
    const file = TorchFile.open(path);
    const w = (file.content as Map<string, never>).get('w')!;
    expect(file.integers(w)).toEqual([5, -7, 2 ** 40]);
    file.close();
  });
});

describe('a pickle', () => {
  it.each<[string, Buffer, RegExp]>([
    [
      'a global outside the list',
      Buffer.from('cos\nsystem\n(X\x02\0\0\0lstR'),
      /asks for 'os.system'.*nothing of it was run/,
    ],
    ['another global of a known module', Buffer.from('ctorch\nload\n'), /asks for 'torch.load'/],
    ['one that hides behind a prototype', Buffer.from('ctorch\n__proto__\n'), /asks for 'torch/],
    ['a class made by its opcode', Buffer.from('(ios\nsystem\n'), /opcode 0x69/],
    ['an object that is built', Buffer.from(']}b'), /sets fields of something/],
    ['a call of a dictionary', Buffer.from('})R'), /calls what cannot be called/],
    ['a dictionary from a list', Buffer.from('ccollections\nOrderedDict\n(]tR'), /unknown way/],
    [
      'a storage that names no class',
      Buffer.from('(X\x07\0\0\0storageX\x01\0\0\0aX\x01\0\0\x000X\x01\0\0\0cK\x01tQ'),
      /refers to a storage/,
    ],
    ['a memory that was never kept', Buffer.from('h\x01'), /memo entry that it never wrote/],
    ['a tuple without its mark', Buffer.from('K\x01t'), /lacks a mark/],
    ['more than one value', Buffer.from('K\x01K\x02'), /does not end after a single value/],
    ['a mark as its value', Buffer.from('('), /mark where a value should be/],
    ['a list as a key', Buffer.from('}(]K\x01u'), /key that is neither text nor/],
    ['text that ends early', Buffer.from('X\xff\xff\0\0abc', 'latin1'), /is cut short/],
    [
      'a size of more than there can be',
      Buffer.from('\x8a\x09\0\0\0\0\0\0\0\0\x01', 'latin1'),
      /too large/,
    ],
  ])('is refused with %s', (_, code, says) => {
    expect(() => unpickle(pickle(code), 'x.pt')).toThrow(says);
    expect(() => unpickle(pickle(code), 'x.pt')).toThrow(ImportError);
  });

  it('of another protocol, or none, is refused', () => {
    expect(() => unpickle(Buffer.from([0x80, 4, 0x4e, 0x2e]), 'x.pt')).toThrow('protocol 2');
    expect(() => unpickle(Buffer.alloc(0), 'x.pt')).toThrow('cut short');
  });

  it.each<[string, PickledTensor]>([
    ['past the end of its storage', { length: 3 }],
    ['past it by its offset', { offset: 1 }],
    ['past it by its strides', { strides: [3, 1] }],
    ['of more numbers than its storage', { shape: [2, 2, 3], strides: [0, 0, 0] }],
    ['of a negative offset', { offset: -1 }],
    ['of a negative size', { shape: [-2, -2] }],
    ['without its strides', { strides: [1] }],
    ['of too many axes', { shape: Array(9).fill(1), strides: Array(9).fill(1) }],
  ])('is refused with an array %s', (_, tensor) => {
    expect(() => read(torchFile(tensor))).toThrow(ImportError);
  });
});

describe('an archive', () => {
  const good: Entry = { name: 'archive/data.pkl', bytes: dictPickle({ w: tensorCode() }) };
  const data: Entry = { name: 'archive/data/0', bytes: floats(1, 2, 3, 4) };
  it.each<[string, readonly Entry[], RegExp]>([
    ['no storage', [good], /has nothing for storage '0' of 16 bytes/],
    [
      'a storage that is short',
      [good, { ...data, bytes: floats(1, 2) }],
      /has 8 bytes for storage/,
    ],
    ['a storage that is changed', [good, { ...data, crc: 1 }], /its checksum differs/],
    ['a compressed file', [good, { ...data, method: 8 }], /compressed/],
    ['a size past the end', [good, { ...data, size: 1e6 }], /reaching past the end/],
    ['two files in one place', [good, { ...data, start: 0 }], /has no 'archive\/data\/0' where/],
    ['a place past the end', [good, { ...data, start: 1e9 }], /ends before its content does/],
    ['one name twice', [good, data, data], /has 'archive\/data\/0' twice/],
    ['no pickle', [data], /has 0 pickles/],
    ['two pickles', [good, { ...good, name: 'b/data.pkl' }], /has 2 pickles/],
    [
      'another byte order',
      [good, data, { name: 'archive/byteorder', bytes: Buffer.from('big') }],
      /big-endian/,
    ],
    [
      'a list where weights should be',
      [{ ...good, bytes: pickle(Buffer.from(']')) }, data],
      /is not a state dict/,
    ],
    [
      'a number where an array should be',
      [{ ...good, bytes: dictPickle({ w: Buffer.from('N') }) }, data],
      /'w' is not a tensor/,
    ],
  ])('is refused with %s', (_, entries, says) => {
    const file = fileOf(zipOf(entries));
    expect(() => read(file)).toThrow(says);
    expect(() => read(file)).toThrow(ImportError);
  });

  it('whose file overlaps another, or that is no archive, is refused', () => {
    const inner = zipOf([{ name: 'x', bytes: Buffer.alloc(4) }]).subarray(0, 37);
    const outer: Entry = { name: 'outer', bytes: inner };
    const overlapping = [good, outer, { name: 'x', bytes: Buffer.alloc(4), start: 0 }];
    const whole = zipOf([outer, good]);
    const at = whole.indexOf(inner);
    const both = zipOf([outer, { ...overlapping[2], start: at }, good]);
    expect(() => read(fileOf(both))).toThrow(/overlapping another file/);
    expect(() => read(fileOf(Buffer.alloc(100)))).toThrow(/cut short, or was not saved by PyTorch/);
    expect(() => read(fileOf(Buffer.alloc(0)))).toThrow(/cut short/);
    expect(() => read('/nowhere/model.pt')).toThrow(/is missing/);
  });

  const bytes = readFileSync(join(FIXTURES, 'openai-catpos', 'final_model.pt'));
  const everything = (file: string) => {
    const checkpoint = openCheckpoint(file);
    try {
      return [...checkpoint.shapes.keys()].map((name) => checkpoint.floats(name));
    } finally {
      checkpoint.close();
    }
  };

  it('that is cut anywhere is refused', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        expect(() => everything(fileOf(bytes.subarray(0, length)))).toThrow(ImportError);
      }),
      { numRuns: 40 },
    );
  });

  it('with changed bytes is refused, or read as it was', () => {
    const right = everything(fileOf(bytes));
    const change = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 3,
    });
    // Where changes matter most: the directory and the pickle.
    const start = fc.constantFrom(0, bytes.length - 4000);
    fc.assert(
      fc.property(change, start, (changes, from) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of changes) damaged[from + (at % (bytes.length - from))] = value;
        try {
          expect(everything(fileOf(damaged))).toEqual(right);
        } catch (error) {
          if (!(error instanceof ImportError)) throw error;
          expect(error.message).not.toContain('\n');
        }
      }),
      { numRuns: 150 },
    );
  });

  it('with any pickle is read or refused, and nothing else', () => {
    const opcodes = Buffer.from('.c(q)h]}tRXKMNbQsuaeJG', 'latin1');
    const code = fc.array(
      fc.oneof(fc.constantFrom(...opcodes), fc.nat(255), fc.constantFrom(0x85, 0x88, 0x8a)),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(code, (all) => {
        try {
          unpickle(pickle(Buffer.from(all)), 'x.pt');
        } catch (error) {
          if (!(error instanceof ImportError)) throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('safetensors of others', () => {
  const file = (header: object, data: Buffer, length?: number) => {
    const text = Buffer.from(JSON.stringify(header));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(length ?? text.length));
    return fileOf(Buffer.concat([size, text, data]), 'model.safetensors');
  };
  const w = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };

  it('are read in every floating type', () => {
    expect(read(file({ __metadata__: { format: 'pt' }, w }, floats(1, -2)))).toEqual([1, -2]);
    const half = Buffer.from(Uint16Array.of(0x3c00, 0xc000).buffer);
    const small = { ...w, data_offsets: [0, 4] };
    expect(read(file({ w: { ...small, dtype: 'F16' } }, half))).toEqual([1, -2]);
    const brain = Buffer.from(Uint16Array.of(0x3f80, 0xc000).buffer);
    expect(read(file({ w: { ...small, dtype: 'BF16' } }, brain))).toEqual([1, -2]);
  });

  it('are refused when anything does not fit', () => {
    const wrong = (change: object) => () => read(file({ w: { ...w, ...change } }, floats(1, 2)));
    expect(wrong({ dtype: 'I64', shape: [1] })).toThrow('has type I64');
    expect(wrong({ shape: [3] })).toThrow('does not have the bytes');
    expect(wrong({ data_offsets: [4, 12] })).toThrow('does not have the bytes');
    expect(wrong({ dtype: 'F8' })).toThrow('invalid safetensors header (w.dtype)');
    expect(() => read(file({ w }, floats(1)))).toThrow('has 4 bytes of data');
    expect(() => read(file({ w }, floats(1, 2), 1e9))).toThrow('no safetensors header');
    expect(() => read(file({ w }, floats(1, 2), 5000))).toThrow('ends before');
    expect(() => read(fileOf(Buffer.from('{}'), 'a.safetensors'))).toThrow('ends before');
  });
});
