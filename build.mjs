// Bundles the entry points into dist/. Native and large packages stay outside the bundles.
import { build } from 'esbuild';
import { existsSync } from 'node:fs';

const entryPoints = {
  cli: 'models/cli/main.ts',
  'runtime-worker': 'models/runtime/worker.ts',
  'training-worker': 'models/training/worker.ts',
};

await build({
  entryPoints: Object.fromEntries(Object.entries(entryPoints).filter(([, file]) => existsSync(file))),
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: ['onnxruntime-node'],
  sourcemap: true,
  logLevel: 'warning',
  // Bundled CommonJS packages call require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
