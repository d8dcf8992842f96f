/** The texts that a command measures: files, and the Python files of folders. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from './text';

/** A file to measure; one that a folder holds may be no text, one that was named may not. */
export interface Source {
  readonly path: string;
  readonly named: boolean;
}

/** The file itself, or the .py files in the folder in sorted order. */
export function sourcesOf(path: string): Source[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [{ path, named: true }];
  const paths = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.py'))
    .map((entry) => join(entry.parentPath, entry.name));
  if (paths.length === 0) throw new Error(`${path} has no .py files; give another folder`);
  return paths.sort().map((path) => ({ path, named: false }));
}

/** Text of a source; null when a folder's file is none. */
export function textOf({ path, named }: Source): string | null {
  try {
    return readText(path);
  } catch (error) {
    if (named) throw error;
    return null;
  }
}
