// @ts-check
/** What is measured of a sparse model with bridges to a dense one. */
import { join } from 'node:path';
import { attempt, provenCircuit, withCircuit } from './circuits.mjs';
import { parsed } from '../files.mjs';
import { circuitsOf, keepData, measuredBefore } from './files.mjs';

/** @typedef {import('./files.mjs').Work} Work */
/** @typedef {import('./circuits.mjs').MeasuredCircuit & { ablated: object }} AblatedCircuit */

/** What is steered over the bridges: task and prompts. */
const STEERED = /** @type {const} */ ([
  ['single_double_quote', 'a'],
  ['single_double_quote', 'b'],
  ['while_return_true', 'b'],
]);
const STEERED_PROMPTS = '100';

/** What bridges are worth, and what steering over them does; kept as soon as it is there. */
export class BridgedMeasurement {
  /**
   * @param {Work} work
   * @param {string} name of the bundle
   */
  constructor(work, name) {
    this.work = work;
    this.name = name;
    this.file = join(work.folders.data, `${name}.json`);
    const ofBundle = (/** @type {string} */ file) => parsed(join(work.folders.bundles, name, file));
    const bundle = { name, hash: ofBundle('bundle.json').hash };
    const card = ofBundle('card.json');
    const { bridges, natsPerToken, tokensSeen, training } = card;
    /** @type {{ steps: number, training: { bridge?: object, batch: number, model: { context: number } } }[]} */
    const runs = [card, ...Object.values(card.earlier ?? {})];
    const bridged = runs
      .filter((run) => run.training.bridge)
      .reduce(
        (sum, { steps, training: { batch, model } }) => sum + steps * batch * model.context,
        0,
      );
    const { ordinary, idioms } = bridges;
    const before = measuredBefore(this.file, bundle);
    this.data = {
      ...{ bundle, dense: bridges.dense, natsPerToken },
      ...{ tokens: { all: tokensSeen, bridged }, tables: { ordinary, idioms } },
      training: { seed: training.seed, learningRate: training.optimizer.learningRate },
      steering: /** @type {{ task: string, given: string }[]} */ (before?.steering ?? []),
      circuits: /** @type {AblatedCircuit[]} */ (before?.circuits ?? []),
    };
  }

  async measure() {
    const { cli } = this.work;
    for (const [task, given] of STEERED) {
      const { steering } = this.data;
      if (steering.some((one) => one.task === task && one.given === given)) continue;
      const args = ['--task', task, '--given', given, '--prompts', STEERED_PROMPTS];
      const result = await attempt(this.work, cli('steer', ...args, '--bundle', this.name));
      if (result) this.keep({ steering: [...steering, result] }, `${task} ${given} steered`);
    }
    const { current } = circuitsOf(this.work.folders, this.data.bundle);
    const circuits = this.data.circuits.filter(({ task }) => current.has(task));
    this.keep({ circuits }, `${current.size} circuits`);
    for (const [task, shipped] of current) {
      const one = await provenCircuit(this.work, this.name, task, shipped);
      const ablated = one && (await this.ablated(one, shipped.file));
      if (!ablated) continue;
      const circuit = { ...one, ablated };
      this.keep({ circuits: withCircuit(this.data.circuits, circuit) }, `${task}: ${one.words}`);
    }
  }

  /**
   * What ablating a circuit does to the dense model, which is measured once for a file.
   * @param {import('./circuits.mjs').MeasuredCircuit} circuit
   * @param {string} file
   */
  async ablated({ sha256 }, file) {
    const known = this.data.circuits.find((each) => each.sha256 === sha256);
    if (known) return known.ablated;
    const steered = this.work.cli('steer', '--circuit', file, '--bundle', this.name);
    const result = await attempt(this.work, steered);
    if (!result) return undefined;
    const { pairs, unaligned, answers } = result;
    return { pairs, unaligned, answers };
  }

  /**
   * @param {object} more
   * @param {string} what
   */
  keep(more, what) {
    this.data = { ...this.data, ...more };
    keepData(this.file, this.data);
    this.work.tell(`${this.name}: ${what}`);
  }
}
