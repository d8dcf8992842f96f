/** The built program, which tests run as people do. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

type Built =
  'cli.js' | 'runtime-worker.js' | 'circuit-worker.js' | 'import-worker.js' | 'label-worker.js';

/** Path of a file in dist/; throws when it is older than its sources. */
export function built(name: Built): string {
  const file = join(ROOT, 'dist', name);
  const time = existsSync(file) ? statSync(file).mtimeMs : 0;
  const newer = sources(join(ROOT, 'models')).find((source) => statSync(source).mtimeMs > time);
  if (newer !== undefined) {
    throw new Error(`dist/${name} is older than ${relative(ROOT, newer)}; run npm run build`);
  }
  return file;
}

/** Everything below a folder that may be part of a build: a list of folders would fall behind. */
function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map(({ parentPath, name }) => join(parentPath, name));
}
