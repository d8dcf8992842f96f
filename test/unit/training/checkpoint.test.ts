import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { writeFully } from '../../../models/files';
import {
  readCheckpoint,
  writeCheckpoint,
  type Checkpoint,
} from '../../../models/training/checkpoint';

/** Content of the files written, as it was handed over. */
const written = vi.hoisted((): unknown[] => []);
vi.mock('../../../models/files', async (original) => {
  const files = await original<typeof import('../../../models/files')>();
  const writeFileAtomic: typeof files.writeFileAtomic = (file, data) => {
    written.push(data);
    files.writeFileAtomic(file, data);
  };
  return { ...files, writeFileAtomic };
});

const folder = mkdtempSync(join(tmpdir(), 'circuitscope-checkpoint-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const checkpoint: Checkpoint = {
  step: 12,
  weights: Float32Array.of(1, -0, 1e-40),
  first: Float32Array.of(2, 3, 4),
  second: Float32Array.of(5, 6, 7),
  active: Uint8Array.of(0, 1),
  settings: 'abc',
  dense: 'def',
};

describe('a checkpoint', () => {
  it('comes back as it was, to the bit', () => {
    const file = join(folder, 'good');
    writeCheckpoint(file, checkpoint);
    const back = readCheckpoint(file, 3);
    expect(back).toEqual(checkpoint);
    expect(Object.is(back?.weights[1], -0)).toBe(true);
  });

  it('may come from shared memory', () => {
    const file = join(folder, 'shared');
    const weights = new Float32Array(new SharedArrayBuffer(12));
    weights.set([1, 2, 3]);
    writeCheckpoint(file, { ...checkpoint, weights });
    expect([...(readCheckpoint(file, 3)?.weights ?? [])]).toEqual([1, 2, 3]);
  });

  it('is null where there is none', () => {
    expect(readCheckpoint(join(folder, 'none'), 3)).toBeNull();
  });

  it('of another size of model is refused', () => {
    const file = join(folder, 'other');
    writeCheckpoint(file, checkpoint);
    expect(() => readCheckpoint(file, 4)).toThrow(`${file} is not a checkpoint of this model`);
  });

  it('that is damaged is refused, not half read', () => {
    const file = join(folder, 'cut');
    writeCheckpoint(file, checkpoint);
    truncateSync(file, readFileSync(file).length - 4);
    expect(() => readCheckpoint(file, 3)).toThrow(file);
    writeFileSync(file, 'something else');
    expect(() => readCheckpoint(file, 3)).toThrow(file);
  });
});

describe('a checkpoint beyond 2 GiB', () => {
  /** As another tool may lay it out: three gigabytes of something else, which the disk does not store, first. */
  function farOff(file: string): void {
    const hole = 3 * 2 ** 30;
    const places = ['weights', 'first', 'second'].map((name, i) => [
      name,
      { dtype: 'F32', shape: [3], data_offsets: [hole + 12 * i, hole + 12 * (i + 1)] },
    ]);
    const other = { dtype: 'U8', shape: [hole], data_offsets: [0, hole] };
    const metadata = { step: '12', settings: 'abc', dense: 'def' };
    const header = { __metadata__: metadata, other, ...Object.fromEntries(places) } as object;
    const text = JSON.stringify(header);
    const start = Buffer.alloc(8 + text.length);
    start.writeBigUInt64LE(BigInt(text.length));
    start.write(text, 8);
    const data = [checkpoint.weights, checkpoint.first, checkpoint.second];
    const numbers = Buffer.from(Float32Array.from(data.flatMap((part) => [...part])).buffer);
    const descriptor = openSync(file, 'w');
    writeSync(descriptor, start, 0, start.length, 0);
    writeSync(descriptor, numbers, 0, numbers.length, start.length + hole);
    closeSync(descriptor);
  }

  it('is read array by array, wherever they lie', () => {
    const file = join(folder, 'far');
    farOff(file);
    expect(readCheckpoint(file, 3)).toEqual({ ...checkpoint, active: new Uint8Array() });
  });

  it('is handed to the writer in parts that are the arrays themselves, not copies', () => {
    written.length = 0;
    writeCheckpoint(join(folder, 'parts'), checkpoint);
    const [parts] = written as [readonly Uint8Array[]];
    expect(Array.isArray(parts)).toBe(true);
    for (const name of ['weights', 'first', 'second', 'active'] as const) {
      const { buffer, byteLength } = checkpoint[name];
      const own = parts.filter((part) => part.buffer === buffer);
      expect(
        own.map((part) => part.byteLength),
        name,
      ).toEqual([byteLength]);
    }
  });

  it('is written by pieces, however few bytes the system takes', () => {
    const data = Uint8Array.from({ length: 23 }, (_, i) => i);
    const written: number[] = [];
    writeFully(data, (bytes) => {
      const taken = Math.min(5, bytes.length);
      written.push(...bytes.subarray(0, taken));
      return taken;
    });
    expect(written).toEqual([...data]);
  });

  it('is not asked of the system in one call', () => {
    // Only lengths: an array that claims to be three gigabytes.
    const huge = {
      length: 3 * 2 ** 30,
      subarray: (from: number, to: number) => ({ length: Math.min(to, 3 * 2 ** 30) - from }),
    } as unknown as Uint8Array;
    const lengths: number[] = [];
    writeFully(huge, ({ length }) => {
      lengths.push(length);
      return length;
    });
    expect(Math.max(...lengths)).toBeLessThan(2 ** 31);
    expect(lengths.reduce((a, b) => a + b)).toBe(3 * 2 ** 30);
  });
});
