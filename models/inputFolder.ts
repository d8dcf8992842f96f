/** The files of a folder that a person gives. */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemReason } from './oneLine';

/** A file of a folder that was not read, and why. */
export interface Skipped {
  readonly file: string;
  readonly reason: string;
}

/**
 * Paths of the files below a folder whose names are wanted, in sorted order folder by folder. Symbolic
 * links are followed, each file and folder once; what cannot be looked into is skipped.
 */
export function filesBelow(
  dir: string,
  isWanted: (name: string) => boolean,
  skipped: Skipped[],
): string[] {
  return below(dir, isWanted, skipped, new Set([realpathSync(dir)]));
}

function below(
  dir: string,
  isWanted: (name: string) => boolean,
  skipped: Skipped[],
  seen: Set<string>,
): string[] {
  let names: string[];
  try {
    names = readdirSync(dir).sort();
  } catch (error) {
    skipped.push({ file: dir, reason: systemReason(error) });
    return [];
  }
  return names.flatMap((name) => {
    const path = join(dir, name);
    try {
      const isFolder = statSync(path).isDirectory();
      if (!isFolder && !isWanted(name)) return [];
      const real = realpathSync(path);
      if (seen.has(real)) return [];
      seen.add(real);
      return isFolder ? below(path, isWanted, skipped, seen) : [path];
    } catch (error) {
      if (isWanted(name)) {
        skipped.push({ file: path, reason: reasonOf(error) });
      }
      return [];
    }
  });
}

/** Why a file that a folder lists cannot be read: one that is not there is a link to it. */
function reasonOf(error: unknown): string {
  const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
  return isGone ? 'its symbolic link leads to nothing' : systemReason(error);
}
