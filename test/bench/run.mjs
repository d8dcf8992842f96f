// Bundles benchmarks and runs them; each prints one line of JSON a figure.
//   npm run bench                                      all: docs/results/bench.json and bench.md
//   npm run bench -- NAME|all [BUNDLE FOLDER] [PAIRS]  one, whose figures replace those of the same bundle
//                                                      there; those of another bundle are printed only
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { costChart } from './costChart.mjs';
import { merged, table } from './results.mjs';

const RESULTS = 'docs/results';
const SHIPPED = 'models/bundles/python-sparse';
/** What the others are made of. */
const PARTS = ['paired.ts', 'start.ts', 'torch.ts'];
const NAMES = readdirSync('test/bench')
  .filter((file) => file.endsWith('.ts') && !PARTS.includes(file))
  .map((file) => file.replace(/\.ts$/, ''));

/**
 * The figures of one benchmark.
 * @param {string} name
 * @param {string[]} args
 * @returns {Promise<{ figures: object[], ok: boolean }>}
 */
async function run(name, args) {
  const outfile = `dist/bench/${name}.js`;
  await build({
    entryPoints: [`test/bench/${name}.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['onnxruntime-node', 'lzma-native', 'playwright-core'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  const { status, stdout } = spawnSync(process.execPath, [outfile, ...args], {
    stdio: ['inherit', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return { figures: lines.map((line) => JSON.parse(line)), ok: status === 0 };
}

/**
 * Keeps the figures of some benchmarks, and the page that shows all that are kept.
 * @param {{ bench: string, figures: object[] }[]} results
 */
function save(results, dir) {
  const { name, hash } = JSON.parse(readFileSync(join(dir, 'bundle.json'), 'utf8'));
  const about = { bundle: { name, hash }, cores: availableParallelism(), node: process.version };
  const file = join(RESULTS, 'bench');
  const kept = existsSync(`${file}.json`) ? JSON.parse(readFileSync(`${file}.json`, 'utf8')) : null;
  const figures = merged(kept, about, results, NAMES);
  mkdirSync(RESULTS, { recursive: true });
  const json = { command: 'npm run bench', ...about, figures };
  writeFileSync(`${file}.json`, JSON.stringify(json, null, 2) + '\n');
  const intro = `# Benchmarks

Made by \`npm run bench\` on ${about.cores} cores with ${name} \`${hash.slice(0, 12)}\`. A ratio is of two things
measured turn by turn in one run; the quartiles are those of the pairs.
`;
  const chart = costChart(figures);
  if (chart) writeFileSync(`${file}-cost.svg`, chart);
  const drawn = chart ? `\n![What a window costs by nonzeros and by width](bench-cost.svg)\n` : '';
  writeFileSync(`${file}.md`, `${intro}\n${table(figures)}${drawn}`);
}

const [name = 'all', dir = SHIPPED, pairs = '30'] = process.argv.slice(2);
if (name !== 'all' && !NAMES.includes(name)) {
  console.error(`no benchmark '${name}'; the benchmarks are ${NAMES.join(', ')}`);
  process.exit(1);
}
const [load] = loadavg();
if (load > 0.5) {
  console.error(`the machine is busy (load ${load.toFixed(1)}); figures are better on a quiet one`);
}
const results = [];
for (const bench of name === 'all' ? NAMES : [name]) {
  console.error(`${bench}…`);
  results.push({ bench, ...(await run(bench, [dir, pairs])) });
}
console.log(table(results.flatMap(({ figures }) => figures)));
const failed = results.filter(({ ok }) => !ok).map(({ bench }) => bench);
if (failed.length > 0) {
  console.error(`failed: ${failed.join(', ')}; nothing was saved`);
  process.exitCode = 1;
} else if (dir === SHIPPED) {
  save(results, dir);
  console.error(`saved in ${RESULTS}/bench.json and bench.md`);
}
