// @ts-check
/** The extension as VS Code installs it: from the cache, when nothing of it has changed since. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, dropFromCache, intoCache } from './cache.mjs';
import { ownTarget, packageExtension } from './package.mjs';
import { run } from './processes.mjs';
import { installExtensions } from './vscode.mjs';

/** @typedef {import('./install-vscode.mjs').Installation} Installation */

const ROOT = join(import.meta.dirname, '..');
const PREFIX = 'extension-';
/** Files and folders that decide what a .vsix holds. */
const INGREDIENTS = [
  'dist/extension.cjs',
  'dist/runtime-worker.js',
  'dist/circuit-worker.js',
  'dist/import-worker.js',
  'dist/kernels.wasm',
  'dist/tree-sitter-python.wasm',
  'dist/web-tree-sitter.wasm',
  'dist/sparse-helper.js',
  'dist/webview',
  'dist/packages.json',
  'media',
  'models/bundles',
  'l10n',
  'package.json',
  'package.nls.json',
  'package.nls.zh-cn.json',
  'EXTENSION.md',
  'CHANGELOG.md',
  'LICENSE',
  '.vscodeignore',
  'tools/package.mjs',
  'node_modules/onnxruntime-node/package.json',
  'node_modules/onnxruntime-common/package.json',
];

/**
 * Builds the extension and puts it into a folder of extensions, packed and installed anew only when
 * it has changed.
 * @param {Installation} installation
 * @param {string} scratch where to pack
 * @param {string} extensionsDir folder to make
 * @param {(line: string) => void} log
 * @throws {import('./processes.mjs').ToolError}
 */
export async function installOwn(installation, scratch, extensionsDir, log) {
  await run(process.execPath, ['build.mjs'], { cwd: ROOT });
  const name = `${PREFIX}${digest(installation)}`;
  // Nobody works in the cache: VS Code writes into its folder of extensions.
  if (existsSync(cached(name))) {
    cpSync(cached(name), extensionsDir, { recursive: true });
    return;
  }
  log('Packing the extension…');
  const vsix = join(scratch, 'circuitscope.vsix');
  await packageExtension(ownTarget(), vsix);
  await installExtensions(installation, [vsix], extensionsDir);
  await intoCache(name, (dir) => cpSync(extensionsDir, dir, { recursive: true }));
  dropFromCache((other) => other.startsWith(PREFIX) && other !== name);
}

/** @param {Installation} installation */
function digest({ entry }) {
  const hash = createHash('sha256').update(JSON.stringify([entry, ownTarget()]));
  for (const file of INGREDIENTS.flatMap((path) => filesAt(path))) {
    hash.update(JSON.stringify(file)).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * @param {string} path
 * @returns {string[]} the file, or all files of the folder, from the checkout
 */
function filesAt(path) {
  try {
    const entries = readdirSync(join(ROOT, path)).sort();
    return entries.flatMap((name) => filesAt(`${path}/${name}`));
  } catch {
    return [path]; // It is no folder.
  }
}
