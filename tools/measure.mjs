// Measures the shipped models with the commands of the command line and keeps what they print:
//   node tools/measure.mjs [--only tasks,circuits,kurtosis,info]
// writes docs/results/data/BUNDLE.json, which tools/report.mjs draws. Circuits take minutes each.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { run, runMain, ToolError } from './processes.mjs';

const ROOT = join(import.meta.dirname, '..');
const DATA = join(ROOT, 'docs', 'results', 'data');
const BUNDLES = ['python-sparse', 'python-dense'];
const TEXTS = 'samples';

/**
 * What a command prints as JSON.
 * @param {string[]} args
 */
async function cli(...args) {
  const program = join(ROOT, 'dist', 'cli.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args, '--json'], {
    cwd: ROOT,
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(stdout);
}

/** @type {Record<string, (bundle: string) => Promise<object>>} */
const parts = {
  async info(bundle) {
    const { bundle: id, config, parameters } = await cli('bundle', 'info', bundle);
    const { nonzero, total } = parameters;
    const file = join(ROOT, 'models', 'bundles', bundle, 'card.json');
    const { natsPerToken, tokensSeen } = JSON.parse(readFileSync(file, 'utf8'));
    return { bundle: id, config, nonzero, total, natsPerToken, tokensSeen };
  },
  async tasks(bundle) {
    return { tasks: await cli('tasks', '--bundle', bundle, '--pairs', '100') };
  },
  async kurtosis(bundle) {
    return { kurtosis: (await cli('kurtosis', TEXTS, '--bundle', bundle)).kurtosis };
  },
  async circuits(bundle) {
    const dir = join('models', 'bundles', bundle, 'circuits');
    if (!existsSync(join(ROOT, dir))) return { circuits: [] };
    const proofs = await cli('verify', dir, '--bundle', bundle);
    return {
      circuits: proofs.map((/** @type {{file: string}} */ { file, ...proof }) => ({
        task: file.replace(/\.json$/, ''),
        ...proof,
      })),
    };
  },
};

/** @param {string} file @param {unknown} data */
function writeJson(file, data) {
  writeFileSync(`${file}.new`, JSON.stringify(data, null, 1) + '\n');
  renameSync(`${file}.new`, file);
}

await runMain(async () => {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const wanted = values.only?.split(',') ?? Object.keys(parts);
  const unknown = wanted.find((name) => !Object.hasOwn(parts, name));
  if (unknown) throw new ToolError(`--only ${unknown}: choose of ${Object.keys(parts).join(', ')}`);
  await run(process.execPath, ['build.mjs'], { cwd: ROOT });
  mkdirSync(DATA, { recursive: true });
  for (const bundle of BUNDLES) {
    if (!existsSync(join(ROOT, 'models', 'bundles', bundle))) continue;
    const file = join(DATA, `${bundle}.json`);
    let data = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    for (const name of wanted) {
      data = { ...data, ...(await parts[name](bundle)) };
      writeJson(file, data);
      console.log(`${bundle}: ${name} measured`);
    }
  }
});
