// @ts-check
// Compiles the kernels to WebAssembly, and the thread that helps to JavaScript:
//   dist/kernels.wasm, dist/sparse-helper.js
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
} from 'node:fs';
import { join } from 'node:path';

// Named in a variable: the compiler's types would change those of the whole program.
const COMPILER = 'assemblyscript/asc';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '..', '..');
const KERNELS = join(HERE, 'kernels');
const CACHE = join(ROOT, 'node_modules', '.cache', 'circuitscope');
// The first page is the kernels' own: shared words below 16 kB, tables of their library above.
const OPTIONS = [
  ...['--runtime', 'stub', '--noAssert', '-O3', '--enable', 'simd,threads'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--memoryBase', '16384'],
];

/**
 * What the result depends on.
 * @param {string} version of the compiler
 */
function fingerprint(version) {
  const hash = createHash('sha256').update(version).update(OPTIONS.join());
  for (const file of readdirSync(KERNELS).sort()) hash.update(readFileSync(join(KERNELS, file)));
  return hash.digest('hex').slice(0, 16);
}

/**
 * Writes `kernels.wasm` into a folder; compiles only what was not compiled before.
 * @param {string} folder
 */
export async function compileKernels(folder) {
  const { default: asc } = await import(COMPILER);
  const cached = join(CACHE, `kernels-${fingerprint(asc.version)}.wasm`);
  if (!existsSync(cached)) {
    mkdirSync(CACHE, { recursive: true });
    const aside = `${cached}.${process.pid}`;
    const { error, stderr } = await asc.main([
      ...['models/sparse/kernels/index.ts', '--baseDir', ROOT, '-o', aside],
      ...OPTIONS,
    ]);
    if (error) throw new Error(`the kernels do not compile:\n${stderr.toString()}`);
    renameSync(aside, cached);
  }
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'kernels.wasm');
  const aside = `${file}.${process.pid}`;
  copyFileSync(cached, aside);
  renameSync(aside, file);
}
