// @ts-check
// Bundles the entry points into dist/. Native and large packages stay outside the bundles.
import * as esbuild from 'esbuild';
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { alias } from './tools/bundling.mjs';
import { compileKernels } from './models/sparse/compile.mjs';

/** @type {esbuild.BuildOptions} */
const common = {
  alias,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
};

/**
 * Folders of the packages that each bundle holds, for their licences.
 * @type {Record<string, string[]>}
 */
const packages = {};

/** @param {esbuild.BuildOptions} options */
async function build(options) {
  /** @type {esbuild.BuildOptions & { metafile: true }} */
  const all = { ...common, ...options, metafile: true };
  const { metafile } = await esbuild.build(all);
  for (const [output, { inputs }] of Object.entries(metafile.outputs)) {
    const dirs = Object.keys(inputs).map(
      (file) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0],
    );
    packages[output] = [...new Set(dirs.filter((dir) => dir !== undefined))];
  }
}

const entryPoints = {
  cli: 'models/cli/main.ts',
  'runtime-worker': 'models/runtime/worker.ts',
  'training-worker': 'models/training/worker.ts',
  'circuit-worker': 'models/circuits/worker.ts',
  'import-worker': 'models/import/worker.ts',
  'label-worker': 'models/labels/worker.ts',
  'sparse-helper': 'models/sparse/helper.ts',
};

await build({
  entryPoints: Object.fromEntries(
    Object.entries(entryPoints).filter(([, file]) => existsSync(file)),
  ),
  format: 'esm',
  external: ['onnxruntime-node', 'lzma-native'],
  // Bundled CommonJS packages call require and ask where they are.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url); const { dirname: __dirname, filename: __filename } = import.meta;",
  },
});

// The editor's extension host loads extensions as CommonJS.
await build({
  entryPoints: { extension: 'extension/main.ts' },
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  external: ['vscode', 'onnxruntime-node'],
});

// The circuit panel runs in the editor's web page and loads nothing from elsewhere.
await build({
  entryPoints: { panel: 'webview/main.tsx', style: 'webview/style.css' },
  outdir: 'dist/webview',
  platform: 'browser',
  target: 'es2022',
  format: 'iife',
  minify: true,
  sourcemap: false,
});

// The parser of Python and its grammar, which are loaded as files.
const require = createRequire(import.meta.url);
for (const file of [
  'web-tree-sitter/web-tree-sitter.wasm',
  'tree-sitter-python/tree-sitter-python.wasm',
]) {
  copyFileSync(require.resolve(file), join('dist', basename(file)));
}

await compileKernels('dist');

writeFileSync('dist/packages.json', JSON.stringify(packages, null, 2));
