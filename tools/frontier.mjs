// @ts-check
// Trains and measures the models of the frontier, interpretability against capability:
//   npm run frontier -- --corpus DIR [--out runs/frontier] [--trial]
// writes models, circuits, frontier.json, frontier.md and its figures into the folder. It can be
// stopped at any moment and goes on where it was: a run from its checkpoint, measurements after the
// last one. --trial takes minutes and models too small to show anything. About four hours on two
// cores that do nothing else.
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { figures, report } from './frontier/results.mjs';
import { PLAN, pointsOf, settingsOf, TRIAL } from './frontier/plan.mjs';
import { run, runMain, ToolError } from './processes.mjs';

const ROOT = join(import.meta.dirname, '..');
const CLI = join(ROOT, 'dist', 'cli.js');
const BASE = join(ROOT, 'models', 'training', 'configs', 'python-sparse.json');
/** What kurtosis and activity are measured on. */
const TEXTS = join(ROOT, 'samples');

/** @param {string} file */
const parsed = (file) => JSON.parse(readFileSync(file, 'utf8'));

/**
 * @param {string} file
 * @param {string} text
 */
function write(file, text) {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/**
 * What a command prints as JSON; what it says meanwhile is passed on.
 * @param {...string} args
 */
async function cli(...args) {
  const started = promisify(execFile)(process.execPath, [CLI, ...args, '--json'], {
    ...{ cwd: ROOT, maxBuffer: 2 ** 28 },
  });
  started.child.stderr?.pipe(process.stderr);
  try {
    return JSON.parse((await started).stdout);
  } catch (error) {
    const { stderr } = /** @type {{ stderr?: string }} */ (error);
    throw new ToolError(stderr?.trim().split('\n').at(-1) ?? String(error));
  }
}

/** The models of a plan, in a folder each. */
class Frontier {
  /**
   * @param {import('./frontier/plan.mjs').Plan} plan
   * @param {string} out
   * @param {string[]} corpus
   */
  constructor(plan, out, corpus) {
    this.plan = plan;
    this.out = out;
    this.corpus = corpus;
    this.file = join(out, 'frontier.json');
    /** @type {Record<string, any>} */
    this.measured = existsSync(this.file) ? parsed(this.file).models : {};
  }

  /** @param {import('./frontier/plan.mjs').Point} point */
  folder({ name }) {
    return join(this.out, name);
  }

  /** @param {import('./frontier/plan.mjs').Point} point */
  async train(point) {
    const folder = this.folder(point);
    if (existsSync(join(folder, 'bundle', 'bundle.json'))) return;
    const config = join(this.out, `${point.name}.json`);
    write(config, JSON.stringify(settingsOf(parsed(BASE), this.plan, point), null, 2) + '\n');
    this.shareTokens(folder);
    const resume = existsSync(join(folder, 'checkpoint.safetensors')) ? ['--resume'] : [];
    console.log(`${point.name}: training${resume.length > 0 ? ', from its checkpoint' : ''}`);
    const corpora = this.corpus.flatMap((dir) => ['--corpus', dir]);
    const { bundle, step } = await cli('train', config, ...corpora, '--out', folder, ...resume);
    if (bundle === null) throw new ToolError(`stopped at step ${step}; the same command goes on`);
  }

  /**
   * Gives a run the token streams of another, which all are of one corpus.
   * @param {string} folder
   */
  shareTokens(folder) {
    const tokens = join(folder, 'tokens');
    const other = pointsOf(this.plan)
      .map((point) => join(this.folder(point), 'tokens'))
      .find((dir) => dir !== tokens && existsSync(join(dir, 'heldout.bin.json')));
    if (!other || existsSync(tokens)) return;
    mkdirSync(tokens, { recursive: true });
    for (const name of readdirSync(other)) {
      try {
        linkSync(join(other, name), join(tokens, name));
      } catch {
        copyFileSync(join(other, name), join(tokens, name));
      }
    }
  }

  /** @param {import('./frontier/plan.mjs').Point} point */
  async measure(point) {
    const { name, width } = point;
    if (!this.measured[name]) {
      const bundle = join(this.folder(point), 'bundle');
      const info = await cli('bundle', 'info', bundle);
      const learned = info.parameters.parameters.filter(
        (/** @type {{ name: string }} */ one) => one.name !== 'bigram.table',
      );
      const sum = (/** @type {'nonzero' | 'total'} */ key) =>
        learned.reduce((/** @type {number} */ all, /** @type {any} */ one) => all + one[key], 0);
      const { natsPerToken, tokensSeen } = parsed(join(bundle, 'card.json'));
      const { heldOutOrdinary: ordinary, heldOutIdioms: idioms } = natsPerToken;
      const { kurtosis, active } = await cli('kurtosis', TEXTS, '--bundle', bundle);
      this.keep(name, {
        ...{ name, width, nonzero: sum('nonzero'), total: sum('total'), tokens: tokensSeen },
        ...{ heldOut: { ordinary, idioms }, kurtosis, active, edges: {} },
      });
    }
    for (const task of this.plan.tasks) {
      if (task in this.measured[name].edges) continue;
      const { edges, problem } = await this.prune(point, task);
      const { edges: others, problems } = this.measured[name];
      this.keep(name, {
        edges: { ...others, [task]: edges },
        ...(problem && { problems: { ...problems, [task]: problem } }),
      });
      console.log(`${name}: ${task}: ${edges === null ? 'no circuit' : `${edges} edges`}`);
    }
  }

  /**
   * Edges of a task's circuit; null, and why, where none was found.
   * @param {import('./frontier/plan.mjs').Point} point
   * @param {string} task
   * @returns {Promise<{ edges: number | null, problem?: string }>}
   */
  async prune(point, task) {
    const circuits = join(this.folder(point), 'circuits');
    mkdirSync(circuits, { recursive: true });
    const bundle = ['--bundle', join(this.folder(point), 'bundle')];
    const where = ['--out', join(circuits, `${task}.json`), '--seconds', String(this.plan.seconds)];
    try {
      const { edges } = await cli('prune', task, ...where, ...bundle);
      return { edges };
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      return { edges: null, problem: error.message };
    }
  }

  /**
   * @param {string} name
   * @param {object} more
   */
  keep(name, more) {
    this.measured = { ...this.measured, [name]: { ...this.measured[name], ...more } };
    write(this.file, JSON.stringify({ plan: this.plan, models: this.measured }, null, 1) + '\n');
  }

  /** Figures and words of what was measured to its end. */
  draw() {
    const models = pointsOf(this.plan).flatMap(({ name }) => this.measured[name] ?? []);
    for (const [file, svg] of figures(models, this.plan)) write(join(this.out, file), svg);
    write(join(this.out, 'frontier.md'), report(models, this.plan));
  }
}

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
  const plan = trial ? TRIAL : PLAN;
  mkdirSync(out, { recursive: true });
  const before = join(out, 'frontier.json');
  if (existsSync(before) && JSON.stringify(parsed(before).plan) !== JSON.stringify(plan)) {
    throw new ToolError(`${out} holds another plan; choose another --out`);
  }
  await run(process.execPath, ['build.mjs'], { cwd: ROOT });
  const frontier = new Frontier(plan, out, corpus);
  for (const point of pointsOf(plan)) await frontier.train(point);
  for (const point of pointsOf(plan)) await frontier.measure(point);
  frontier.draw();
  console.log(join(out, 'frontier.md'));
});
