/** Names, sizes and texts of the files in a zip archive, read from its directory at the end. */
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

/** A file in an archive. */
export interface ZipEntry {
  readonly name: string;
  /** Before compression. */
  readonly bytes: number;
  /** What it holds, as UTF-8. */
  readonly text: () => string;
}

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;

/** Lists an archive of less than 4 GB. */
export function zipEntries(file: string): ZipEntry[] {
  const data = readFileSync(file);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const end = endRecord(view);
  const entries: ZipEntry[] = [];
  let offset = view.getUint32(end + 16, true);
  while (offset < end && view.getUint32(offset, true) === ENTRY_SIGNATURE) {
    const nameLength = view.getUint16(offset + 28, true);
    const name = data.toString('utf8', offset + 46, offset + 46 + nameLength);
    const [method, packed] = [view.getUint16(offset + 10, true), view.getUint32(offset + 20, true)];
    const local = view.getUint32(offset + 42, true);
    const text = () => {
      const names = view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      const own = data.subarray(local + 30 + names, local + 30 + names + packed);
      return (method === 0 ? own : inflateRawSync(own)).toString('utf8');
    };
    entries.push({ name, bytes: view.getUint32(offset + 24, true), text });
    const rest = view.getUint16(offset + 30, true) + view.getUint16(offset + 32, true);
    offset += 46 + nameLength + rest;
  }
  return entries;
}

/** The record at the end that says where the directory is; only a comment may follow it. */
function endRecord(view: DataView): number {
  for (let offset = view.byteLength - 22; offset >= 0; offset--) {
    if (view.getUint32(offset, true) === END_SIGNATURE) return offset;
  }
  throw new Error('this is no zip archive');
}
