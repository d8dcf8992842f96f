/** Whether a path really is where it seems to be: symbolic links may lead anywhere. */
import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';

/** Whether a path, of a file that may still have to be made, is below a folder, wherever links lead. */
export function isWithin(path: string, folder: string): boolean {
  const [own, base] = [real(path), real(folder)];
  if (own === null || base === null) return false;
  const way = relative(base, own);
  return way !== '' && way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way);
}

/** The path without links; null where a link leads nowhere, so that nobody knows where it will. */
function real(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    if (isThere(path) || dirname(path) === path) return null;
    const folder = real(dirname(path));
    return folder && join(folder, basename(path));
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
