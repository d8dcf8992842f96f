// @ts-check
// Measures the shipped models with the commands of the command line and keeps what they print:
//   npm run measure
// writes docs/results/data/BUNDLE.json, which npm run report draws. A circuit takes minutes. What is
// there of the same bundle is not measured again: stop it whenever you like, and remove a bundle's file
// after a change of the tasks. Circuits are those shipped with the bundles; one without a complete proof
// is proved first, and its proof is kept in its file. What proofs come to is asked again each time, so
// that a change of the criteria shows.
// What `circuitscope unique TASK --whole-nodes --out runs/unique/BUNDLE/TASK.json` found, where it is
// finished, is taken over too.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cliJson } from './cli.mjs';
import { BridgedMeasurement } from './measure/bridged.mjs';
import { Measurement } from './measure/model.mjs';
import { run, runMain } from './processes.mjs';

const ROOT = join(import.meta.dirname, '..');
const BUNDLES = ['python-sparse', 'python-dense'];
/** A sparse model with bridges to a dense one. */
const BRIDGED = 'python-bridge';

/** @type {import('./measure/files.mjs').Work} */
const work = {
  folders: {
    bundles: join(ROOT, 'models', 'bundles'),
    data: join(ROOT, 'docs', 'results', 'data'),
    unique: join(ROOT, 'runs', 'unique'),
  },
  cli: cliJson,
  tell: (line) => {
    console.log(line);
  },
  fail: (line) => {
    console.error(line);
    process.exitCode = 1;
  },
};

await runMain(async () => {
  await run(process.execPath, ['build.mjs'], { cwd: ROOT });
  const { bundles, data } = work.folders;
  mkdirSync(data, { recursive: true });
  const measurements = BUNDLES.map((name) => new Measurement(work, name));
  // What matters most of all models first.
  for (const each of measurements) await each.measureModel();
  for (const each of measurements) each.takeOverSearches();
  for (const each of measurements) await each.proveCircuits();
  if (existsSync(join(bundles, BRIDGED, 'bundle.json'))) {
    await new BridgedMeasurement(work, BRIDGED).measure();
  }
});
