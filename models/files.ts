/** Files that are there whole or not at all, whenever the process or the machine stops. */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { writing } from './unwritten';

/** Content of a file, in parts where it is too large for one array. */
type Content = string | Uint8Array | readonly Uint8Array[];

/**
 * Writes a file: aside in the same folder, flushed to the disk, then renamed over the old one. A
 * symbolic link stays one: the file that it leads to is replaced. Removes what writers of the same
 * file left beside it when they were killed.
 * @throws UnwrittenError; the old file is then untouched
 */
export function writeFileAtomic(file: string, data: Content): void {
  writeFilesAtomic(new Map([[file, data]]));
}

/**
 * The same for files that belong together: none is replaced before all are written aside, so that a
 * full disk leaves the older ones.
 */
export function writeFilesAtomic(files: ReadonlyMap<string, Content>): void {
  const asides: (readonly [aside: string, path: string])[] = [];
  try {
    for (const [file, data] of files) {
      writing(file, () => {
        const path = existsSync(file) ? realpathSync(file) : file;
        removeLeftovers(path);
        const aside = sibling(path);
        asides.push([aside, path]);
        writeFlushed(aside, data);
      });
    }
    for (const [aside, path] of asides) {
      writing(path, () => {
        renameSync(aside, path);
      });
    }
  } catch (error) {
    for (const [aside] of asides) rmSync(aside, { force: true });
    throw error;
  }
  for (const folder of new Set(asides.map(([, path]) => dirname(path)))) flushFolder(folder);
}

/** In a folder whose files are being replaced together: what is to be renamed. */
const JOURNAL = '.replacing.json';

/** A file of the folder, and what stands beside it to take its place; null where it goes. */
type Replacement = readonly [name: string, aside: string | null];

/**
 * Writes files of a folder together and leaves everything else in it alone: whenever the process or
 * the machine stops, they are all old or, after `finishReplacing`, all new.
 * @param files content by file name
 * @param obsolete names of files that go at the same moment
 * @throws UnwrittenError; the older files are then untouched, or the next reader ends what was begun
 */
export function replaceFiles(
  dir: string,
  files: ReadonlyMap<string, string | Uint8Array>,
  obsolete: readonly string[] = [],
): void {
  writing(dir, () => {
    replaceAll(dir, files, obsolete);
  });
}

function replaceAll(
  dir: string,
  files: ReadonlyMap<string, string | Uint8Array>,
  obsolete: readonly string[],
): void {
  const isNew = !existsSync(dir);
  mkdirSync(dir, { recursive: true });
  finishReplacing(dir);
  for (const name of files.keys()) removeLeftovers(join(dir, name));
  const written = [...files.keys()].map((name) => [name, sibling(join(dir, name))] as const);
  try {
    for (const [name, aside] of written) writeFlushed(aside, files.get(name)!);
    const replacements: Replacement[] = [
      ...written.map(([name, aside]) => [name, basename(aside)] as const),
      ...obsolete
        .filter((name) => existsSync(join(dir, name)))
        .map((name) => [name, null] as const),
    ];
    writeFileAtomic(join(dir, JOURNAL), JSON.stringify(replacements));
  } catch (error) {
    // Once the journal is in place, whoever comes next goes by it.
    if (existsSync(join(dir, JOURNAL))) throw error;
    for (const [, aside] of written) rmSync(aside, { force: true });
    if (isNew && readdirSync(dir).length === 0) rmdirSync(dir);
    throw error;
  }
  finishReplacing(dir);
}

/**
 * Ends what a writer that was stopped had decided: to be called before files that are written by
 * `replaceFiles` are read.
 * @throws the file system's error when the folder cannot be changed
 */
export function finishReplacing(dir: string): void {
  const journal = join(dir, JOURNAL);
  if (!existsSync(journal)) return;
  for (const [name, aside] of replacementsIn(journal)) {
    if (aside === null) rmSync(join(dir, name), { force: true });
    else renameIfThere(join(dir, aside), join(dir, name));
  }
  flushFolder(dir);
  rmSync(journal, { force: true });
}

/** Renames a file, unless another process that ends the same replacement was first. */
function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/**
 * The replacements of a journal that are of the folder's own files, whoever wrote it.
 * @throws Error in one line when it is no journal
 */
function replacementsIn(journal: string): Replacement[] {
  const plain = (name: unknown): name is string =>
    typeof name === 'string' && name !== '..' && name === basename(name);
  const isOurs = ([name, aside]: readonly unknown[]) =>
    plain(name) && (aside === null || (plain(aside) && aside.startsWith(`.${name}.new-`)));
  try {
    const entries = JSON.parse(readFileSync(journal, 'utf8')) as unknown[][];
    if (entries.every(Array.isArray)) return entries.filter(isOurs) as unknown as Replacement[];
  } catch {
    // Said below.
  }
  throw new Error(`${journal} is damaged; remove it, and copy the folder again if it is refused`);
}

/** Removes what writers of a file had not finished when they died. */
export function removeLeftovers(path: string): void {
  const parent = dirname(resolve(path));
  if (!existsSync(parent)) return;
  const prefix = asidePrefix(path);
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(prefix)
      ? /^(\d+)-[0-9a-f]+$/.exec(name.slice(prefix.length))
      : null;
    if (pid && !isAlive(Number(pid[1])))
      rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function asidePrefix(path: string): string {
  return `.${basename(resolve(path))}.new-`;
}

/** A hidden name in the same folder that nobody else uses, with the number of this process. */
function sibling(path: string): string {
  const name = `${asidePrefix(path)}${process.pid}-${randomBytes(6).toString('hex')}`;
  return join(dirname(resolve(path)), name);
}

/** Whether there is a process of this number. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is there, but not ours to signal.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function writeFlushed(path: string, data: Content): void {
  const file = openSync(path, 'wx');
  try {
    if (typeof data === 'string') writeFileSync(file, data);
    else {
      for (const part of data instanceof Uint8Array ? [data] : data) {
        writeFully(part, (bytes) => writeSync(file, bytes));
      }
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The system takes at most 2 GiB at once. */
const MOST_AT_ONCE = 1 << 28;

/** Writes all bytes of an array of any size, by `write`, which says how many it took. */
export function writeFully(data: Uint8Array, write: (bytes: Uint8Array) => number): void {
  for (let done = 0; done < data.length;) {
    done += write(data.subarray(done, done + MOST_AT_ONCE));
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

/**
 * Why nothing can be written into a folder, for an error that names what was asked for: it is not there
 * and cannot be made, or belongs to somebody else. Null when it can.
 * @param make whether it is made where it is missing
 */
export function unwritable(dir: string, make: boolean): string | null {
  let at = resolve(dir);
  while (make && !existsSync(at) && at !== dirname(at)) at = dirname(at);
  if (!isFolder(at)) return `there is no folder ${at}`;
  try {
    accessSync(at, constants.W_OK | constants.X_OK);
    return null;
  } catch {
    return `${at} cannot be written to`;
  }
}

/**
 * Why a file cannot be written, by beginning to: its folder, its name, the disk. Null when it can.
 */
export function unwritableFile(file: string): string | null {
  if (/[\\/]$/.test(file)) return 'it is the name of a folder';
  const problem = unwritable(dirname(resolve(file)), false);
  if (problem !== null) return problem;
  const aside = sibling(file);
  try {
    closeSync(openSync(aside, 'wx'));
    rmSync(aside, { force: true });
    return null;
  } catch (error) {
    return `it cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`;
  }
}

/** Whether a path is a folder; a file may stand above it. */
function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
