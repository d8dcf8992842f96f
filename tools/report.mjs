// @ts-check
// Draws docs/results/, the table in docs/models.md and the line in README.md, from what was measured:
//   npm run report
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runMain } from './processes.mjs';
import { bridgeFigures, readBridged } from './report/bridges.mjs';
import { readModel } from './report/data.mjs';
import { figures } from './report/figures.mjs';
import { reportText, withCircuits, withHeadline } from './report/text.mjs';

const ROOT = join(import.meta.dirname, '..');
const RESULTS = join(ROOT, 'docs', 'results');

await runMain(async () => {
  const [sparse, dense] = ['python-sparse', 'python-dense'].map((bundle) =>
    readModel(join(RESULTS, 'data', `${bundle}.json`)),
  );
  const models = { sparse, dense };
  const bridged = readBridged(join(RESULTS, 'data', 'python-bridge.json'));
  const drawn = new Map([...figures(models), ...(bridged ? bridgeFigures(bridged) : [])]);
  mkdirSync(RESULTS, { recursive: true });
  // Figures of earlier results that there are no measurements for any longer; benchmarks draw their own.
  for (const name of readdirSync(RESULTS)) {
    const own = name.endsWith('.svg') && !name.startsWith('bench-');
    if (own && !drawn.has(name)) rmSync(join(RESULTS, name));
  }
  for (const [name, svg] of drawn) writeFileSync(join(RESULTS, name), svg);
  writeFileSync(join(RESULTS, 'README.md'), reportText(models, bridged, new Set(drawn.keys())));
  for (const [name, made] of /** @type {const} */ ([
    ['README.md', withHeadline],
    ['docs/models.md', withCircuits],
  ])) {
    const page = join(ROOT, name);
    writeFileSync(page, made(readFileSync(page, 'utf8'), models));
  }
  console.log(`docs/results: README.md and ${[...drawn.keys()].join(', ')}`);
});
