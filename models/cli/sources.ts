/** The texts that a command measures: files, and the Python files and notebooks of folders. */
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { missing } from '../input';
import { filesBelow, type Skipped } from '../inputFolder';
import { oneLine } from '../oneLine';
import { cellsOf, isNotebook } from './notebook';
import { readText } from './text';

/** A file to measure; one that a folder holds may be no text, one that was named may not. */
export interface Source {
  readonly path: string;
  readonly named: boolean;
}

/**
 * The files of all paths, each once, whatever links lead to it: a file that is named and lies in a folder
 * that is named too counts as named.
 */
export function allSources(paths: readonly string[], skipped: Skipped[]): Source[] {
  const found = new Map<string, Source>();
  const passedOver = new Map<string, Skipped>();
  for (const path of paths) {
    const own: Skipped[] = [];
    for (const source of sourcesOf(path, own)) {
      const real = realpathSync(source.path);
      const known = found.get(real) ?? source;
      found.set(real, { ...known, named: known.named || source.named });
    }
    for (const one of own) passedOver.set(resolve(one.file), one);
  }
  skipped.push(...passedOver.values());
  return [...found.values()];
}

/**
 * The file itself, or the .py files and notebooks in the folder in sorted order. Symbolic links are
 * followed, each file and folder once; what cannot be looked into is skipped.
 */
function sourcesOf(path: string, skipped: Skipped[]): Source[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw missing(path);
  if (!found.isDirectory()) return [{ path, named: true }];
  const before = skipped.length;
  const paths = filesBelow(path, (name) => name.endsWith('.py') || isNotebook(name), skipped);
  if (paths.length === 0 && skipped.length === before) {
    throw new Error(`${path} has no .py files or notebooks; give another folder`);
  }
  return paths.map((file) => ({ path: file, named: false }));
}

/** Texts of a file: its own, or those of a notebook's Python cells. */
function textsOf(path: string): string[] {
  return isNotebook(path) ? cellsOf(path) : [readText(path)];
}

/**
 * Hands every text of the sources to `use`, those of one source together, before the next. A file of a folder for which
 * that fails is skipped, and one that was named ends the work.
 */
export async function eachSource(
  sources: readonly Source[],
  skipped: Skipped[],
  use: (texts: readonly string[], index: number) => Promise<void>,
): Promise<void> {
  for (const [i, { path, named }] of sources.entries()) {
    try {
      await use(textsOf(path), i);
    } catch (error) {
      if (named) throw error;
      const reason = oneLine(error);
      skipped.push({
        file: path,
        reason: reason.startsWith(path) ? `it${reason.slice(path.length)}` : reason,
      });
    }
  }
}
