// Draws docs/results/ from what tools/measure.mjs measured: node tools/report.mjs
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runMain, ToolError } from './processes.mjs';
import { reportText } from './report/text.mjs';
import { figures } from './report/figures.mjs';

const RESULTS = join(import.meta.dirname, '..', 'docs', 'results');

/** @param {string} bundle */
function measured(bundle) {
  const file = join(RESULTS, 'data', `${bundle}.json`);
  if (!existsSync(file)) throw new ToolError(`${file} is missing; run node tools/measure.mjs`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

await runMain(() => {
  const models = { sparse: measured('python-sparse'), dense: measured('python-dense') };
  const drawn = figures(models);
  mkdirSync(RESULTS, { recursive: true });
  for (const [name, svg] of Object.entries(drawn)) writeFileSync(join(RESULTS, name), svg);
  writeFileSync(join(RESULTS, 'README.md'), reportText(models, Object.keys(drawn)));
  console.log(`docs/results: ${Object.keys(drawn).length} figures and README.md`);
  return Promise.resolve();
});
