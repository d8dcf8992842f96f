// Bundles the entry points into dist/. Native and large packages stay outside the bundles.
import { build } from 'esbuild';
import { existsSync } from 'node:fs';

const common = {
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
};

const entryPoints = {
  cli: 'models/cli/main.ts',
  'runtime-worker': 'models/runtime/worker.ts',
  'training-worker': 'models/training/worker.ts',
};

await build({
  ...common,
  entryPoints: Object.fromEntries(
    Object.entries(entryPoints).filter(([, file]) => existsSync(file)),
  ),
  format: 'esm',
  external: ['onnxruntime-node'],
  // Bundled CommonJS packages call require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});

// The editor's extension host loads extensions as CommonJS.
await build({
  ...common,
  entryPoints: { extension: 'extension/main.ts' },
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  external: ['vscode', 'onnxruntime-node'],
});

// The circuit panel runs in the editor's web page and loads nothing from elsewhere.
await build({
  ...common,
  entryPoints: { panel: 'webview/main.ts', style: 'webview/style.css' },
  outdir: 'dist/webview',
  platform: 'browser',
  target: 'es2022',
  format: 'iife',
  minify: true,
  sourcemap: false,
});
