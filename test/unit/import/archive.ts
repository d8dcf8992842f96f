/** Small archives and pickles for the tests beside this file, right ones and wrong ones. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { onTestFinished } from 'vitest';

/** A file of an archive; what is given beside its bytes is written as it is. */
export interface Entry {
  readonly name: string;
  readonly bytes: Buffer;
  readonly method?: number;
  readonly crc?: number;
  /** Size that the directory says. */
  readonly size?: number;
  /** Place of the local header that the directory says. */
  readonly start?: number;
  /** Sizes and place in the extra field of 64 bits. */
  readonly zip64?: boolean;
}

/** An archive without compression, its local headers without sizes, as PyTorch writes it. */
export function zipOf(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, method = 0, crc = crc32(bytes), zip64 = false, ...said } of entries) {
    const local = Buffer.alloc(30 + name.length + 2);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(2, 28);
    local.write(name, 30);
    const size = said.size ?? bytes.length;
    const start = said.start ?? at;
    const extra = Buffer.alloc(zip64 ? 28 : 0);
    if (zip64) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      for (const [i, number] of [size, size, start].entries()) {
        extra.writeBigUInt64LE(BigInt(number), 4 + 8 * i);
      }
    }
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(crc, 16);
    for (const field of [20, 24]) entry.writeUInt32LE(zip64 ? 0xffffffff : size, field);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt16LE(extra.length, 30);
    entry.writeUInt32LE(zip64 ? 0xffffffff : start, 42);
    directory.push(entry, Buffer.from(name), extra);
    parts.push(local, bytes);
    at += local.length + bytes.length;
  }
  const table = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(table.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, table, end]);
}

const global = (name: string) => Buffer.from(`c${name.replace(' ', '\n')}\n`);
const text = (value: string) => {
  const head = Buffer.from([0x58, 0, 0, 0, 0]);
  head.writeUInt32LE(value.length, 1);
  return Buffer.concat([head, Buffer.from(value)]);
};
const whole = (value: number) => {
  const bytes = Buffer.from([0x4a, 0, 0, 0, 0]);
  bytes.writeInt32LE(value, 1);
  return bytes;
};
const mark = Buffer.from('(');
const tuple = (...items: readonly Buffer[]) => Buffer.concat([mark, ...items, Buffer.from('t')]);
const reduce = Buffer.from('R');

/** What an array of a pickle says of itself. */
export interface PickledTensor {
  readonly storage?: string;
  readonly key?: string;
  readonly length?: number;
  readonly offset?: number;
  readonly shape?: readonly number[];
  readonly strides?: readonly number[];
}

/** Opcodes that make a tensor. */
export function tensorCode({
  storage = 'FloatStorage',
  key = '0',
  length = 4,
  offset = 0,
  shape = [2, 2],
  strides = [2, 1],
}: PickledTensor = {}): Buffer {
  const id = tuple(
    text('storage'),
    global(`torch ${storage}`),
    text(key),
    text('cpu'),
    whole(length),
  );
  return Buffer.concat([
    global('torch._utils _rebuild_tensor_v2'),
    mark,
    ...[id, Buffer.from('Q'), whole(offset)],
    ...[tuple(...shape.map(whole)), tuple(...strides.map(whole))],
    Buffer.from([0x89]),
    ...[global('collections OrderedDict'), Buffer.from(')'), reduce],
    ...[Buffer.from('t'), reduce],
  ]);
}

/** A pickle of a dictionary of values by name. */
export function dictPickle(values: Readonly<Record<string, Buffer>>): Buffer {
  const items = Object.entries(values).flatMap(([name, code]) => [text(name), code]);
  return pickle(Buffer.concat([Buffer.from('}('), ...items, Buffer.from('u')]));
}

/** A pickle of some opcodes. */
export function pickle(code: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80, 2]), code, Buffer.from('.')]);
}

export const floats = (...values: readonly number[]) =>
  Buffer.from(Float32Array.from(values).buffer);

/** Path of a file with some content, gone after the test. */
export function fileOf(bytes: Buffer, name = 'model.pt'): string {
  const folder = mkdtempSync(join(tmpdir(), 'import-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

/** The file of one tensor named `w`, with changes. */
export function torchFile(
  tensor: PickledTensor = {},
  data: Partial<Entry> = {},
  more: readonly Entry[] = [],
): string {
  return fileOf(
    zipOf([
      { name: 'archive/data.pkl', bytes: dictPickle({ w: tensorCode(tensor) }) },
      { name: 'archive/data/0', bytes: floats(1, 2, 3, 4), ...data },
      ...more,
    ]),
  );
}
