// @ts-check
// Checks types, lint, format, unused exports and import cycles, all at once, and says how long each took:
//   npm run check
// What did not change since the last run is not read again; a fresh checkout reads everything.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { collectOutput, runMain, ToolError } from './processes.mjs';

const ROOT = join(import.meta.dirname, '..');
const CACHE = 'node_modules/.cache/check';
/** @param {string} project */
const types = (project) => [
  ...['typescript/bin/tsc', '-p', project, '--incremental'],
  ...['--tsBuildInfoFile', `${CACHE}/${project.replace('.json', '')}.tsbuildinfo`],
];
/** @param {string} name */
const cached = (name) => ['--cache', '--cache-location', `${CACHE}/${name}`];
const CHECKS = new Map([
  ['types', types('tsconfig.json')],
  ['types of the panel', types('webview')],
  ['lint', ['eslint/bin/eslint.js', '.', '--max-warnings', '0', ...cached('eslint')]],
  [
    'format',
    ['prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.', ...cached('prettier')],
  ],
  ['unused exports', ['knip/bin/knip.js', '--no-progress']],
  [
    'import cycles',
    [
      ...['dependency-cruiser/bin/dependency-cruise.mjs', '--output-type', 'err'],
      ...['extension', 'models', 'shared', 'test', 'tools', 'webview'],
    ],
  ],
]);

/**
 * Runs one check; prints what it found, if anything.
 * @param {string} name
 * @param {string[]} command a program in node_modules with its arguments
 * @returns {Promise<boolean>} whether all is well
 */
async function check(name, [program, ...args]) {
  const start = performance.now();
  const file = join(ROOT, 'node_modules', program);
  if (!existsSync(file)) {
    console.log(`${name}: failed, ${program} is not installed; run npm ci`);
    return false;
  }
  const child = spawn(process.execPath, [file, ...args], { cwd: ROOT });
  const output = collectOutput(child);
  const code = await new Promise((resolve) => {
    child.once('close', resolve);
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${name}: ${code === 0 ? 'ok' : 'failed'} (${seconds} s)`);
  if (code !== 0) console.log(output().trimEnd());
  return code === 0;
}

await runMain(async () => {
  const results = await Promise.all([...CHECKS].map(([name, command]) => check(name, command)));
  if (results.includes(false)) throw new ToolError('fix what is listed above, then check again');
});
