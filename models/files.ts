/** Files that are there whole or not at all, whenever the process or the machine stops. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * Writes a file: aside in the same folder, flushed to the disk, then renamed over the old one. Removes
 * what writers of the same file left beside it when they were killed.
 * @throws the file system's error; the old file is then untouched
 */
export function writeFileAtomic(path: string, data: string | Uint8Array): void {
  removeLeftovers(path, 'new');
  const aside = sibling(path, 'new');
  try {
    writeFlushed(aside, data);
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  flushFolder(dirname(path));
}

/**
 * Writes a folder of files in the same way and puts it in the place of an older one, whose files
 * are gone afterwards. Folders cannot be swapped in one step: stopped exactly between two renames,
 * `dir` is missing and the older folder is whole beside it as `.NAME.old-…`.
 * @param files content by file name
 * @param kept folders in the older one that the new one has too
 * @throws the file system's error; the older folder is then back in its place
 */
export function writeFolderAtomic(
  dir: string,
  files: ReadonlyMap<string, string | Uint8Array>,
  kept: readonly string[] = [],
): void {
  removeLeftovers(dir, 'new');
  const aside = sibling(dir, 'new');
  const older = sibling(dir, 'old');
  try {
    mkdirSync(aside, { recursive: true });
    for (const [name, data] of files) writeFlushed(join(aside, name), data);
    for (const name of kept.filter((each) => existsSync(join(dir, each)))) {
      cpSync(join(dir, name), join(aside, name), { recursive: true });
    }
    flushFolder(aside);
    if (existsSync(dir)) renameSync(dir, older);
    renameSync(aside, dir);
  } catch (error) {
    if (existsSync(older)) renameSync(older, dir);
    rmSync(aside, { recursive: true, force: true });
    throw error;
  }
  flushFolder(dirname(resolve(dir)));
  rmSync(older, { recursive: true, force: true });
  // Only now: the older folder of a writer that was killed was all there was.
  removeLeftovers(dir, 'old');
}

/** Removes what writers of a file or folder set aside (`old`) or had not finished (`new`) when they died. */
export function removeLeftovers(path: string, kind: 'new' | 'old'): void {
  const parent = dirname(resolve(path));
  if (!existsSync(parent)) return;
  const prefix = asidePrefix(path, kind);
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(prefix)
      ? /^(\d+)-[0-9a-f]+$/.exec(name.slice(prefix.length))
      : null;
    if (pid && !isAlive(Number(pid[1])))
      rmSync(join(parent, name), { recursive: true, force: true });
  }
}

/** Start of the name, within the parent folder, of what an interrupted replacement set aside. */
export function setAsidePrefix(path: string): string {
  return asidePrefix(path, 'old');
}

function asidePrefix(path: string, kind: 'new' | 'old'): string {
  return `.${basename(resolve(path))}.${kind}-`;
}

/** A hidden name in the same folder that nobody else uses, with the number of this process. */
function sibling(path: string, kind: 'new' | 'old'): string {
  const name = `${asidePrefix(path, kind)}${process.pid}-${randomBytes(6).toString('hex')}`;
  return join(dirname(resolve(path)), name);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is there, but not ours to signal.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function writeFlushed(path: string, data: string | Uint8Array): void {
  const file = openSync(path, 'wx');
  try {
    writeFileSync(file, data);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes renames in a folder last; Windows cannot open folders and needs no flush. */
function flushFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
