import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packTable, unpackTable } from '../../../models/bundles/packedTable';
import type { Tensor } from '../../../models/bundles/safetensors';

const bytesOf = (parts: ReadonlyMap<string, Tensor>) =>
  [...parts.values()].reduce((sum, { data }) => sum + data.byteLength, 0);

describe('a packed table', () => {
  it('comes back byte for byte, whatever is in it', () => {
    const table = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
      .chain(([rows, columns]) =>
        fc.record({
          shape: fc.constant([rows, columns]),
          data: fc.uint8Array({ minLength: rows * columns, maxLength: rows * columns }),
        }),
      );
    fc.assert(
      fc.property(table, ({ shape, data }) => {
        const parts = new Map(packTable('t', shape, data));
        expect(unpackTable('t', shape, (name) => parts.get(name))).toEqual(data);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it('takes few bytes where rows and columns nearly add up', () => {
    const size = 200;
    const noise = (i: number) => ((i * 2654435761) % 7 === 0 ? 1 : 0);
    const data = Uint8Array.from(
      { length: size * size },
      (_, i) => 20 + (((i % size) * 83) % 97) + ((((i / size) | 0) * 61) % 89) + noise(i),
    );
    const packed = bytesOf(new Map(packTable('t', [size, size], data)));
    const plain = deflateSync(data, { level: 9 }).length;
    expect(packed).toBeLessThan(0.5 * plain);
  });

  const shape = [4, 3];
  const whole = new Map(
    packTable(
      't',
      shape,
      Uint8Array.from({ length: 12 }, (_, i) => 9 * i),
    ),
  );
  it.each<[string, (parts: Map<string, Tensor>) => void, string]>([
    ['a part is missing', (parts) => parts.delete('t.rows'), 'parts that do not fit'],
    [
      'a part is of another size',
      (parts) => parts.set('t.columns', { shape: [4], data: new Int32Array(4) }),
      'parts that do not fit',
    ],
    [
      'a part is of another type',
      (parts) => parts.set('t.rows', { shape: [4], data: new Float32Array(4) }),
      'parts that do not fit',
    ],
    [
      'it is no deflated data',
      (parts) => parts.set('t.rest', { shape: [3], data: Uint8Array.of(1, 2, 3) }),
      'cannot be unpacked',
    ],
    [
      'it would unpack to more',
      (parts) => {
        const data = new Uint8Array(deflateSync(new Uint8Array(2 ** 20)));
        parts.set('t.rest', { shape: [data.length], data });
      },
      'cannot be unpacked',
    ],
    [
      'it unpacks to less',
      (parts) => {
        const data = new Uint8Array(deflateSync(new Uint8Array(11)));
        parts.set('t.rest', { shape: [data.length], data });
      },
      'unpacks to 11 bytes instead of 12',
    ],
  ])('is refused when %s', (_name, change, message) => {
    const parts = new Map(whole);
    change(parts);
    expect(() => unpackTable('t', shape, (name) => parts.get(name))).toThrow(message);
  });

  it('is not there when none of its parts is', () => {
    expect(unpackTable('t', shape, () => undefined)).toBeUndefined();
  });
});
