/** The texts that a command measures: files, and the Python files and notebooks of folders. */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { oneLine } from '../runtime/oneLine';
import { cellsOf, isNotebook } from './notebook';
import { readText } from './text';

/** A file to measure; one that a folder holds may be no text, one that was named may not. */
export interface Source {
  readonly path: string;
  readonly named: boolean;
}

/** A file of a folder that was not measured, and why. */
export interface Skipped {
  readonly file: string;
  readonly reason: string;
}

/**
 * The file itself, or the .py files and notebooks in the folder in sorted order. Symbolic links are
 * followed, each file and folder once; what cannot be looked into is skipped.
 */
export function sourcesOf(path: string, skipped: Skipped[]): Source[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [{ path, named: true }];
  const before = skipped.length;
  const paths = filesIn(path, new Set([realpathSync(path)]), skipped);
  if (paths.length === 0 && skipped.length === before) {
    throw new Error(`${path} has no .py files or notebooks; give another folder`);
  }
  return paths.map((file) => ({ path: file, named: false }));
}

function filesIn(dir: string, seen: Set<string>, skipped: Skipped[]): string[] {
  let names: string[];
  try {
    names = readdirSync(dir).sort();
  } catch (error) {
    skipped.push({ file: dir, reason: `cannot be read (${codeOf(error)})` });
    return [];
  }
  return names.flatMap((name) => {
    const path = join(dir, name);
    try {
      const isFolder = statSync(path).isDirectory();
      if (!isFolder && !name.endsWith('.py') && !isNotebook(name)) return [];
      const real = realpathSync(path);
      if (seen.has(real)) return [];
      seen.add(real);
      return isFolder ? filesIn(path, seen, skipped) : [path];
    } catch (error) {
      if (name.endsWith('.py')) {
        skipped.push({ file: path, reason: `cannot be read (${codeOf(error)})` });
      }
      return [];
    }
  });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
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
        reason: reason.startsWith(path) ? reason.slice(path.length + 1) : reason,
      });
    }
  }
}
