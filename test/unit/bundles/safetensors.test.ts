import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HalfArray } from '../../../models/halves';
import { BundleError } from '../../../models/bundles/error';
import {
  decodeSafetensors,
  encodeSafetensors,
  type Safetensors,
  type Tensor,
} from '../../../models/bundles/safetensors';

/** A file with this header text and this much data. */
function fileOf(header: string, dataBytes: number): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(dataBytes)]);
}

const bytes = fc.uint8Array({ maxLength: 40 });
const tensor: fc.Arbitrary<Tensor> = fc
  .tuple(bytes, fc.constantFrom(Float32Array, Int32Array, HalfArray, Uint16Array, Uint8Array))
  .map(([raw, ArrayType]) => {
    const width = ArrayType.BYTES_PER_ELEMENT;
    const data = new ArrayType(raw.slice(0, raw.length - (raw.length % width)).buffer);
    return { shape: data.length % 2 ? [data.length] : [2, data.length / 2, 1], data };
  });
const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', '7', 'é\n"'));
const safetensors: fc.Arbitrary<Safetensors> = fc.record({
  tensors: fc.array(fc.tuple(name, tensor), { maxLength: 6 }).map((entries) => new Map(entries)),
  metadata: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3, noNullPrototype: true }),
});

describe('safetensors', () => {
  test('a round trip keeps names, types, shapes, metadata and every bit', () => {
    const property = fc.property(safetensors, (content) => {
      const back = decodeSafetensors(encodeSafetensors(content), 'file');
      expect(back.metadata).toEqual(content.metadata);
      expect([...back.tensors.keys()].sort()).toEqual([...content.tensors.keys()].sort());
      for (const [key, { shape, data }] of content.tensors) {
        const read = back.tensors.get(key)!;
        expect(read.shape).toEqual(shape);
        expect(read.data.constructor).toBe(data.constructor);
        expect(new Uint8Array(read.data.buffer)).toEqual(new Uint8Array(data.buffer));
      }
    });
    fc.assert(property, { seed: 1, numRuns: 300 });
  });

  test('data and arrays start aligned, whatever the order they were given in', () => {
    const tensors = new Map<string, Tensor>([
      ['a', { shape: [3], data: Uint8Array.of(1, 2, 3) }],
      ['b', { shape: [1], data: Uint16Array.of(4) }],
      ['c', { shape: [1], data: Float32Array.of(5) }],
    ]);
    const file = encodeSafetensors({ tensors, metadata: {} });
    const headerBytes = Number(Buffer.from(file).readBigUInt64LE());
    expect(headerBytes % 8).toBe(0);
    const header = Buffer.from(file.subarray(8, 8 + headerBytes)).toString();
    expect(header.trimEnd()).toBe(
      '{"c":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},' +
        '"b":{"dtype":"U16","shape":[1],"data_offsets":[4,6]},' +
        '"a":{"dtype":"U8","shape":[3],"data_offsets":[6,9]}}',
    );
    expect([...file.subarray(8 + headerBytes)]).toEqual([0, 0, 0xa0, 0x40, 4, 0, 1, 2, 3]);
  });

  test('a view into a larger buffer writes its own numbers', () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    const file = encodeSafetensors({
      tensors: new Map([['a', { shape: [2], data }]]),
      metadata: {},
    });
    expect([...decodeSafetensors(file, 'file').tensors.get('a')!.data]).toEqual([2, 3]);
  });

  test('a file from a disk buffer at an odd offset is read', () => {
    const content = { tensors: new Map([['a', { shape: [1], data: Float32Array.of(7) }]]) };
    const file = encodeSafetensors({ ...content, metadata: {} });
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    expect([...decodeSafetensors(shifted.subarray(1), 'file').tensors.get('a')!.data]).toEqual([7]);
  });

  const entry = (dtype: string, shape: string, offsets: string) =>
    `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
  test.each([
    ['nothing', new Uint8Array(), 'too short'],
    [
      'a header longer than the file',
      fileOf('{}', 0).fill(9, 0, 1),
      'no complete safetensors header',
    ],
    ['a header that is no record', fileOf('[]', 0), 'no complete safetensors header'],
    ['broken JSON', fileOf('{,}', 0), 'not JSON'],
    ['an unknown type', fileOf(`{"a":${entry('F64', '[1]', '[0,2]')}}`, 2), "array 'a', dtype"],
    ['a negative size', fileOf(`{"a":${entry('U8', '[-1]', '[0,0]')}}`, 0), "array 'a', shape.0"],
    ['a size beyond counting', fileOf(`{"a":${entry('U8', '[1e300,0]', '[0,0]')}}`, 0), 'shape.0'],
    ['an unknown field', fileOf('{"a":{"x":1}}', 0), "array 'a'"],
    ['metadata that is no text', fileOf('{"__metadata__":{"x":1}}', 0), 'x: '],
    [
      'too few bytes for the shape',
      fileOf(`{"a":${entry('F32', '[2]', '[0,4]')}}`, 4),
      'do not fit',
    ],
    [
      'an array beyond the end',
      fileOf(`{"a":${entry('U8', '[4]', '[0,4]')}}`, 3),
      '3 bytes of data',
    ],
    ['bytes left over', fileOf(`{"a":${entry('U8', '[4]', '[0,4]')}}`, 5), '5 bytes of data'],
    ['a hole', fileOf(`{"a":${entry('U8', '[1]', '[1,2]')}}`, 2), 'do not fit'],
    [
      'arrays that overlap',
      fileOf(`{"a":${entry('U8', '[2]', '[0,2]')},"b":${entry('U8', '[2]', '[1,3]')}}`, 3),
      "array 'b'",
    ],
  ])('%s is refused', (_, file, message) => {
    const read = () => decodeSafetensors(file, 'x.safetensors');
    expect(read).toThrow(BundleError);
    expect(read).toThrow(message);
    expect(read).toThrow('x.safetensors');
  });

  test('an array of another size than its shape is not written', () => {
    const tensors = new Map([['a', { shape: [3], data: Float32Array.of(1) }]]);
    expect(() => encodeSafetensors({ tensors, metadata: {} })).toThrow("array 'a' has 1 numbers");
  });

  test('any changed byte or cut is refused or still a well-formed file', () => {
    const property = fc.property(safetensors, fc.nat(), fc.nat(7), (content, at, bit) => {
      const file = encodeSafetensors(content);
      const flipped = Uint8Array.from(file);
      flipped[at % file.length] ^= 1 << bit;
      for (const damaged of [flipped, file.subarray(0, at % file.length)]) {
        try {
          decodeSafetensors(damaged, 'file');
        } catch (error) {
          expect(error).toBeInstanceOf(BundleError);
          expect((error as Error).message).not.toContain('\n');
        }
      }
    });
    fc.assert(property, { seed: 2, numRuns: 2000 });
  });
});
