/**
 * The table of contents of a zip archive without compression, as PyTorch writes it
 * (APPNOTE.TXT of PKWARE). Sizes and places come from the central directory: local headers of such
 * archives have none.
 */
import { crc32 } from 'node:zlib';
import { DOWNLOAD_AGAIN, ImportError } from './error';
import type { RandomFile } from './randomFile';

const END_BYTES = 22;
const END_SIGNATURE = 0x06054b50;
const END64_LOCATOR_BYTES = 20;
const END64_LOCATOR_SIGNATURE = 0x07064b50;
const END64_BYTES = 56;
const END64_SIGNATURE = 0x06064b50;
const ENTRY_BYTES = 46;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_BYTES = 30;
const LOCAL_SIGNATURE = 0x04034b50;
/** Extra field with sizes of 64 bits. */
const ZIP64 = 1;
const FULL16 = 0xffff;
const FULL32 = 0xffffffff;
/** More than any checkpoint has. */
const MOST_ENTRIES = 2 ** 20;
const MOST_DIRECTORY_BYTES = 2 ** 27;

/** One file of an archive. */
export interface ZipEntry {
  readonly name: string;
  /** Where its bytes begin in the archive. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
  readonly crc: number;
}

/**
 * The files of an archive by name, in the order of the archive.
 * @throws ImportError when anything does not fit: signatures, sizes, overlaps, compression
 */
export function readZip(file: RandomFile): Map<string, ZipEntry> {
  const { count, start, size } = findDirectory(file);
  const directory = file.read(start, size);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { next, ...entry } = readEntry(file, directory, at);
    at = next;
    if (entries.has(entry.name)) throw damaged(file, `has '${entry.name}' twice`);
    entries.set(entry.name, { ...entry, start: dataStart(file, entry) });
  }
  if (at !== size) throw damaged(file, 'has a directory that is longer than its entries');
  checkApart(file, [...entries.values()], start);
  return entries;
}

/**
 * Bytes of a file of an archive.
 * @throws ImportError when they are not those that were written
 */
export function readZipEntry(file: RandomFile, { name, start, size, crc }: ZipEntry): Buffer {
  const bytes = file.read(start, size);
  if (crc32(bytes) === crc) return bytes;
  throw damaged(file, `has a damaged '${name}' (its checksum differs)`);
}

function damaged(file: RandomFile, what: string): ImportError {
  return new ImportError(`${file.path} ${what}; ${DOWNLOAD_AGAIN}`);
}

function findDirectory(file: RandomFile) {
  const notZip = () => damaged(file, 'is cut short, or was not saved by PyTorch');
  if (file.size < END_BYTES) throw notZip();
  const end = file.read(file.size - END_BYTES, END_BYTES);
  if (end.readUInt32LE(0) !== END_SIGNATURE) throw notZip();
  let count = end.readUInt16LE(10);
  let size = end.readUInt32LE(12);
  let start = end.readUInt32LE(16);
  if (count === FULL16 || size === FULL32 || start === FULL32) {
    const at = file.size - END_BYTES - END64_LOCATOR_BYTES;
    if (at < 0) throw notZip();
    const locator = file.read(at, END64_LOCATOR_BYTES);
    if (locator.readUInt32LE(0) !== END64_LOCATOR_SIGNATURE) throw notZip();
    const record = file.read(whole(file, locator, 8), END64_BYTES);
    if (record.readUInt32LE(0) !== END64_SIGNATURE) throw notZip();
    count = whole(file, record, 32);
    size = whole(file, record, 40);
    start = whole(file, record, 48);
  }
  if (count > MOST_ENTRIES || size > MOST_DIRECTORY_BYTES) {
    throw damaged(file, `lists ${count} files in ${size} bytes, more than any checkpoint`);
  }
  return { count, start, size };
}

/** A number of 64 bits, which must be one that a place in a file can be. */
function whole(file: RandomFile, bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw damaged(file, `gives a size of ${value} bytes`);
  return Number(value);
}

/** The entry at a place of the directory; `start` is that of its local header. */
function readEntry(file: RandomFile, directory: Buffer, at: number) {
  const cut = () => damaged(file, 'has a directory that is cut short');
  if (at + ENTRY_BYTES > directory.length || directory.readUInt32LE(at) !== ENTRY_SIGNATURE) {
    throw cut();
  }
  const nameBytes = directory.readUInt16LE(at + 28);
  const extraBytes = directory.readUInt16LE(at + 30);
  const extraStart = at + ENTRY_BYTES + nameBytes;
  const next = extraStart + extraBytes + directory.readUInt16LE(at + 32);
  if (next > directory.length) throw cut();
  const name = directory.toString('utf8', at + ENTRY_BYTES, extraStart);
  const compressed = directory.readUInt16LE(at + 10) !== 0 || (directory[at + 8] & 1) !== 0;
  if (compressed) throw damaged(file, `has '${name}' compressed or encrypted`);
  const long = extraFields(file, directory.subarray(extraStart, extraStart + extraBytes));
  const sized = (field: number) => {
    const value = directory.readUInt32LE(at + field);
    return value === FULL32 ? long() : value;
  };
  // In this order, as the extra field has those that are there.
  const size = sized(24);
  if (sized(20) !== size) throw damaged(file, `gives two sizes for '${name}'`);
  return { name, size, start: sized(42), crc: directory.readUInt32LE(at + 16), next };
}

/** Reads the sizes of 64 bits one after another. */
function extraFields(file: RandomFile, extra: Buffer): () => number {
  const missing = () => damaged(file, 'lacks a size');
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== ZIP64) continue;
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    let read = 0;
    return () => {
      if (read + 8 > field.length) throw missing();
      read += 8;
      return whole(file, field, read - 8);
    };
  }
  return () => {
    throw missing();
  };
}

/** Where a file's bytes begin, behind its local header, whose name must be the directory's. */
function dataStart(file: RandomFile, { name, start }: Pick<ZipEntry, 'name' | 'start'>): number {
  const header = file.read(start, LOCAL_BYTES);
  const nameBytes = header.readUInt16LE(26);
  const own = file.read(start + LOCAL_BYTES, nameBytes).toString('utf8');
  if (header.readUInt32LE(0) !== LOCAL_SIGNATURE || own !== name) {
    throw damaged(file, `has no '${name}' where its directory says`);
  }
  return start + LOCAL_BYTES + nameBytes + header.readUInt16LE(28);
}

/** No two files share bytes, and none reaches into the directory. */
function checkApart(file: RandomFile, entries: readonly ZipEntry[], directory: number): void {
  let end = 0;
  for (const { name, start, size } of entries.toSorted((a, b) => a.start - b.start)) {
    if (start < end) throw damaged(file, `has '${name}' overlapping another file`);
    end = start + size;
    if (end > directory) throw damaged(file, `has '${name}' reaching past the end`);
  }
}
