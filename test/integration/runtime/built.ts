/** The built program, which tests run as people do. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FOLDERS = [
  ...['bundles', 'cli', 'graph', 'runtime', 'tasks', 'tokenizer', 'transformer'],
  ...['circuits', 'circuits/search', 'circuits/proof', 'import', 'sparse', 'bridges', 'steering'],
];

type Built = 'cli.js' | 'runtime-worker.js' | 'circuit-worker.js' | 'import-worker.js';

/** Path of a file in dist/; throws when it is older than its sources. */
export function built(name: Built): string {
  const file = join(ROOT, 'dist', name);
  const time = existsSync(file) ? statSync(file).mtimeMs : 0;
  for (const folder of FOLDERS) {
    const dir = join(ROOT, 'models', folder);
    for (const source of readdirSync(dir).filter((source) => source.endsWith('.ts'))) {
      if (statSync(join(dir, source)).mtimeMs <= time) continue;
      throw new Error(`dist/${name} is older than models/${folder}/${source}; run npm run build`);
    }
  }
  return file;
}
