// Bundles a benchmark and runs it: node test/bench/run.mjs NAME [ARGUMENT…]
import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';

const [name, ...rest] = process.argv.slice(2);
const outfile = `dist/bench/${name}.js`;
await build({
  entryPoints: [`test/bench/${name}.ts`],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  external: ['onnxruntime-node'],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
process.exitCode =
  spawnSync(process.execPath, [outfile, ...rest], { stdio: 'inherit' }).status ?? 1;
