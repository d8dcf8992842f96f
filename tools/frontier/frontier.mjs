// @ts-check
/** Trains the models of a plan and measures them; each goes on where it was stopped. */
import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, NO_CIRCUIT } from '../cli.mjs';
import { parsed, writeWhole } from '../files.mjs';
import { ToolError } from '../processes.mjs';
import { pointsOf, settingsOf } from './plan.mjs';
import { figures, report } from './results.mjs';

/** @typedef {import('./plan.mjs').Point} Point */

/**
 * @typedef {object} FrontierOptions
 * @property {import('./plan.mjs').Plan} plan
 * @property {unknown} base settings that those of every model are made from
 * @property {string} out folder of models, circuits and results
 * @property {string[]} corpus folders with `train/` and `heldout/`
 * @property {string} texts folder that kurtosis and activity are measured on
 * @property {(...args: string[]) => Promise<any>} cli what a command prints as JSON
 * @property {(line: string) => void} tell
 */

/** The models of a plan, in a folder each. */
export class Frontier {
  /**
   * @param {FrontierOptions} options
   * @throws {ToolError} when the folder holds another plan
   */
  constructor({ plan, base, out, corpus, texts, cli, tell }) {
    this.plan = plan;
    this.base = base;
    this.out = out;
    this.corpus = corpus;
    this.texts = texts;
    this.cli = cli;
    this.tell = tell;
    this.file = join(out, 'frontier.json');
    const before = existsSync(this.file) ? parsed(this.file) : { plan, models: {} };
    if (JSON.stringify(before.plan) !== JSON.stringify(plan)) {
      throw new ToolError(`${out} holds another plan; choose another --out`);
    }
    /** @type {Record<string, any>} */
    this.measured = before.models;
    mkdirSync(out, { recursive: true });
  }

  /** Trains what is not trained, measures what is not measured, and draws it. */
  async make() {
    const points = pointsOf(this.plan);
    for (const point of points) await this.train(point);
    this.checkText(points);
    for (const point of points) await this.measure(point);
    this.draw();
  }

  /** @param {Point} point */
  folder({ name }) {
    return join(this.out, name);
  }

  /** @param {Point} point */
  async train(point) {
    const folder = this.folder(point);
    const config = join(this.out, `${point.name}.json`);
    const settings = JSON.stringify(settingsOf(this.base, this.plan, point), null, 2) + '\n';
    if (existsSync(join(folder, 'bundle', 'bundle.json'))) {
      if (existsSync(config) && readFileSync(config, 'utf8') === settings) return;
      throw new ToolError(
        `${folder} was trained with other settings; delete it, or choose another --out`,
      );
    }
    writeWhole(config, settings);
    this.shareTokens(folder);
    const resume = existsSync(join(folder, 'checkpoint.safetensors')) ? ['--resume'] : [];
    this.tell(`${point.name}: training${resume.length > 0 ? ', from its checkpoint' : ''}`);
    const corpora = this.corpus.flatMap((dir) => ['--corpus', dir]);
    const trained = await this.cli('train', config, ...corpora, '--out', folder, ...resume);
    if (trained.bundle === null) {
      throw new ToolError(`stopped at step ${trained.step}; the same command goes on`);
    }
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

  /**
   * Models of different text say nothing about width.
   * @param {Point[]} points
   * @throws {ToolError} where two runs had different text
   */
  checkText(points) {
    const textOf = (/** @type {Point} */ point) =>
      parsed(join(this.folder(point), 'tokens', 'train.bin.json')).corpus;
    const [first, ...others] = points;
    const other = others.find((point) => textOf(point) !== textOf(first));
    if (other === undefined) return;
    throw new ToolError(
      `${this.folder(other)} was trained on other text than ${first.name}; delete one of them, or choose another --out`,
    );
  }

  /** @param {Point} point */
  async measure(point) {
    const { name, width } = point;
    if (!this.measured[name]) {
      const bundle = join(this.folder(point), 'bundle');
      const info = await this.cli('bundle', 'info', bundle);
      const learned = info.parameters.parameters.filter(
        (/** @type {{ name: string }} */ one) => one.name !== 'bigram.table',
      );
      const sum = (/** @type {'nonzero' | 'total'} */ key) =>
        learned.reduce((/** @type {number} */ all, /** @type {any} */ one) => all + one[key], 0);
      const { natsPerToken, tokensSeen } = parsed(join(bundle, 'card.json'));
      const { heldOutOrdinary: ordinary, heldOutIdioms: idioms } = natsPerToken;
      const { kurtosis, active } = await this.cli('kurtosis', this.texts, '--bundle', bundle);
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
      this.tell(`${name}: ${task}: ${edges === null ? problem : `${edges} edges`}`);
    }
  }

  /**
   * Edges of a task's circuit; null, and why, where the model has none or the time ran out before the search
   * ended: one of a wider model would be cut off more often, and look larger. All other failures are errors.
   * @param {Point} point
   * @param {string} task
   * @returns {Promise<{ edges: number | null, problem?: string }>}
   */
  async prune(point, task) {
    const circuits = join(this.folder(point), 'circuits');
    mkdirSync(circuits, { recursive: true });
    const { steps, seconds } = this.plan;
    const effort = ['--steps', `${steps}`, '--seconds', `${seconds}`];
    const where = ['--out', join(circuits, `${task}.json`), ...effort];
    try {
      const bundle = join(this.folder(point), 'bundle');
      const found = await this.cli('prune', task, ...where, '--bundle', bundle);
      if (!found.effort.stopped) return { edges: found.edges };
      return { edges: null, problem: `the search did not end within ${seconds} s` };
    } catch (error) {
      if (!(error instanceof CommandError) || error.code !== NO_CIRCUIT) throw error;
      return { edges: null, problem: error.said };
    }
  }

  /**
   * @param {string} name
   * @param {object} more
   */
  keep(name, more) {
    this.measured = { ...this.measured, [name]: { ...this.measured[name], ...more } };
    writeWhole(
      this.file,
      JSON.stringify({ plan: this.plan, models: this.measured }, null, 1) + '\n',
    );
  }

  /** Figures and words of what was measured to its end. */
  draw() {
    const models = pointsOf(this.plan).flatMap(({ name }) => this.measured[name] ?? []);
    for (const [file, svg] of figures(models, this.plan)) writeWhole(join(this.out, file), svg);
    writeWhole(join(this.out, 'frontier.md'), report(models, this.plan));
  }
}
