// @ts-check
// Trains and measures the models of the frontier, interpretability against capability:
//   npm run frontier -- --corpus DIR [--out runs/frontier] [--trial]
// writes models, circuits, frontier.json, frontier.md and its figures into the folder. It can be
// stopped at any moment and goes on where it was: a run from its checkpoint, measurements after the
// last one. --trial takes minutes and models too small to show anything. Hours, on two cores that do
// nothing else.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cliJson } from './cli.mjs';
import { Frontier } from './frontier/frontier.mjs';
import { PLAN, TRIAL } from './frontier/plan.mjs';
import { run, runMain, ToolError } from './processes.mjs';

const ROOT = join(import.meta.dirname, '..');
const BASE = join(ROOT, 'models', 'training', 'configs', 'python-sparse.json');
/** What kurtosis and activity are measured on. */
const TEXTS = join(ROOT, 'samples');

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      corpus: { type: 'string', multiple: true },
      out: { type: 'string', default: join(ROOT, 'runs', 'frontier') },
      trial: { type: 'boolean', default: false },
    },
  });
  const { corpus, out, trial } = values;
  if (!corpus) throw new ToolError('add --corpus DIR, which npm run corpus -- DIR makes');
  const missing = corpus.find((dir) => !existsSync(join(dir, 'train')));
  if (missing) throw new ToolError(`${missing} has no train/; make it with npm run corpus`);
  const frontier = new Frontier({
    plan: trial ? TRIAL : PLAN,
    base: JSON.parse(readFileSync(BASE, 'utf8')),
    ...{ out, corpus, texts: TEXTS, cli: cliJson },
    tell: (line) => {
      console.log(line);
    },
  });
  await run(process.execPath, ['build.mjs'], { cwd: ROOT });
  await frontier.make();
  console.log(join(out, 'frontier.md'));
});
