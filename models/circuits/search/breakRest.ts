/**
 * Backups of a core, and the cut. A trained model does a task in more ways than one, so a core that is
 * enough is seldom needed: the rest does the task as well. Backups are the fewest nodes found that must
 * be closed beside the core so that the rest fails, whatever its calibration. Not all of both need be
 * closed for that: the cut is what is left when everything is open again with which the rest fails too,
 * what other tasks need first.
 */
import type { MaskedModel } from '../../inference/maskedModel';
import type { Prompt } from '../../tasks/prompts';
import { pairOrder, soften, strictLoss } from './calibration';
import type { NodeSet } from '../../transformer/nodeSet';
import { spreadPairs } from './goal';

export interface BreakOptions {
  /** Makes the masked model of some nodes. */
  readonly open: (nodes: NodeSet) => MaskedModel;
  /** Every node of the model. */
  readonly all: NodeSet;
  readonly prompts: readonly Prompt[];
  /** Prompts of other tasks, each task's together: the cut is to leave them alone. */
  readonly others?: readonly (readonly Prompt[])[];
  /** False where only the backups are wanted: the cut is then all of core and backups. */
  readonly cut?: boolean;
  /** Nodes of the core that can carry nothing: they are opened before all others for the cut. */
  readonly constants?: NodeSet;
  /** True when no time is left. */
  readonly expired: () => boolean;
  /** Strict loss of the rest, and backups so far. */
  readonly onRound: (loss: number, added: number) => void;
  /** Nodes that are closed while those are opened that need not be. */
  readonly onOpened?: (closed: number) => void;
}

/** What closing backups came to. */
export interface Broken {
  readonly backups: NodeSet;
  /** Of core and backups, the fewest found without which alone the model fails. */
  readonly cut: NodeSet;
  /** Of the model without it, on the prompts. */
  readonly loss: number;
  readonly order: number;
  /** The rest fails; false when time or rounds ran out before. */
  readonly done: boolean;
}

/** The rest fails from this strict loss on (nats; guessing has 0.693), with pairs in no order. */
const FAILS = { loss: 0.67, order: 0.6 };
/** On a few pairs it may be this (nats) before it is asked on more. */
const FEW_FAIL = 0.6;
/** Pairs by which backups are chosen, and those on which it is judged whether they are enough. */
const CHOOSING_PAIRS = 8;
const JUDGING_PAIRS = 64;
/** Nodes of the steepest slope that are closed alone, and so many of them together, in the trials of a round. */
const ALONE = 4;
const TOGETHER = [2, 4, 8, 16, 32] as const;
/** Together must do so many times better than the best alone. */
const BETTER = 1.5;
const ROUNDS = 60;
/** Rounds in which the order of pairs may still be lost when the loss is; a trace too weak to matter may keep it. */
const ORDER_ROUNDS = 8;
/** Loss (nats) up to which slopes are taken at less scale. */
const SLOPE_LOSS = 0.4;

/** The backups of a core. */
export async function breakRest(core: NodeSet, options: BreakOptions): Promise<Broken> {
  const model = options.open(options.all);
  try {
    return await new Breaking(model, core, options).run();
  } finally {
    await model.release();
  }
}

interface State {
  readonly loss: number;
  readonly order: number;
}

class Breaking {
  private readonly gates: Float32Array;
  private readonly few: readonly Prompt[];
  private readonly judging: readonly Prompt[];

  /** False when the loss failed for some rounds and the order of pairs did not. */
  private byOrder = true;
  private ordered = 0;
  /** Places of the core. */
  private readonly core: ReadonlySet<number>;

  constructor(
    private readonly model: MaskedModel,
    core: NodeSet,
    private readonly options: BreakOptions,
  ) {
    const own = model.nodes.gatesOf(core);
    this.gates = own.map((gate) => 1 - gate);
    this.core = new Set([...own.keys()].filter((place) => own[place] === 1));
    this.few = spreadPairs(options.prompts, CHOOSING_PAIRS);
    this.judging = spreadPairs(options.prompts, JUDGING_PAIRS);
  }

  /** Closes nodes until the rest fails; then opens those that it fails with as well. */
  async run(): Promise<Broken> {
    const { core, options, gates, model } = this;
    let state = await this.judged(gates);
    for (let round = 0; !this.fails(state) && round < ROUNDS && !options.expired(); round++) {
      if (state.loss >= FAILS.loss && this.ordered++ >= ORDER_ROUNDS) break;
      options.onRound(state.loss, this.backups().length);
      await this.closeMore();
      state = await this.judged(gates);
    }
    this.byOrder = this.fails(state);
    const done = this.fails(state);
    if (done) await this.reopen(this.backups());
    const backups = model.nodes.filter((place) => gates[place] === 0 && !core.has(place));
    if (done && options.cut !== false) {
      const needs = await this.othersNeed();
      if (options.constants) {
        const constant = model.nodes.gatesOf(options.constants);
        await this.reopen([...core].filter((place) => constant[place] === 1));
      }
      // Of nodes alike those of the first layers first, which serve many tasks.
      const closed = [...core, ...this.backups()].filter((place) => gates[place] === 0);
      await this.reopen(closed.sort((a, b) => needs[b] - needs[a]));
    }
    const cut = model.nodes.filter((place) => gates[place] === 0);
    return { backups, cut, ...(await this.judged(gates)), done };
  }

  /** Whether a state is failure: by its loss, and by the order of pairs where that can be lost. */
  private fails({ loss, order }: State): boolean {
    return loss >= FAILS.loss && (!this.byOrder || order <= FAILS.order);
  }

  private backups(): number[] {
    const { core, gates } = this;
    return [...gates.keys()].filter((place) => gates[place] === 0 && !core.has(place));
  }

  /** Closes the node that does the most harm of those whose slope promises most, or several. */
  private async closeMore(): Promise<void> {
    const { gates, few, model } = this;
    const signs = few.map(({ sign }) => sign);
    const [differences] = await model.differences(few, [gates]);
    const calibration = soften(differences, signs, SLOPE_LOSS);
    const slopes = new Float64Array(gates.length);
    for (let i = 0; i < few.length; i += 2) {
      const pair = few.slice(i, i + 2);
      const { gradient } = await model.gradient(pair, gates, calibration);
      for (let node = 0; node < slopes.length; node++) slopes[node] += gradient[node];
    }
    const steepest = [...gates.keys()]
      .filter((place) => gates[place] === 1)
      .sort((a, b) => slopes[a] - slopes[b])
      .slice(0, TOGETHER.at(-1));
    const trials = [
      ...steepest.slice(0, ALONE).map((place) => [place]),
      ...TOGETHER.map((count) => steepest.slice(0, count)),
    ];
    const found = await model.differences(
      few,
      trials.map((places) => this.with(places, 0)),
    );
    // At the scale of the slopes, so that a rest that is still sure shows what changes in it.
    const losses = found.map((each) =>
      strictLoss(
        each.map((difference) => calibration.scale * difference),
        signs,
      ),
    );
    const start = strictLoss(
      differences.map((difference) => calibration.scale * difference),
      signs,
    );
    let best = losses.indexOf(Math.max(...losses.slice(0, ALONE)));
    for (let trial = ALONE; trial < trials.length; trial++) {
      if (losses[trial] - start > BETTER * Math.max(0, losses[best] - start)) best = trial;
    }
    for (const place of trials[best]) gates[place] = 0;
  }

  /** How much other tasks need each node, to first order about the whole model, every task alike, [node]. */
  private async othersNeed(): Promise<Float64Array> {
    const { model, options, gates } = this;
    const whole = new Float32Array(gates.length).fill(1);
    const needs = new Float64Array(gates.length);
    for (const prompts of options.others ?? []) {
      if (options.expired()) break;
      const signs = prompts.map(({ sign }) => sign);
      const [differences] = await model.differences(prompts, [whole]);
      const calibration = soften(differences, signs, SLOPE_LOSS);
      const { gradient } = await model.gradient(prompts, whole, calibration);
      const harms = gradient.map((slope) => Math.max(0, -slope));
      const sum = harms.reduce((total, harm) => total + harm, 0);
      if (sum > 0) harms.forEach((harm, node) => (needs[node] += harm / sum));
    }
    return needs;
  }

  /** Opens closed nodes without which the rest fails as well, a group at a time; one that may not is halved. */
  private async reopen(group: readonly number[]): Promise<void> {
    if (group.length === 0 || this.options.expired()) return;
    if (await this.failsWith(group)) {
      for (const place of group) this.gates[place] = 1;
      this.options.onOpened?.(
        this.gates.reduce((closed, gate) => closed + (gate === 0 ? 1 : 0), 0),
      );
    } else if (group.length > 1) {
      const middle = group.length >> 1;
      await this.reopen(group.slice(0, middle));
      await this.reopen(group.slice(middle));
    }
  }

  /** Whether the rest fails with a group open, asked on a few pairs before all. */
  private async failsWith(group: readonly number[]): Promise<boolean> {
    const gates = this.with(group, 1);
    return (
      (await this.judged(gates, this.few)).loss >= FEW_FAIL && this.fails(await this.judged(gates))
    );
  }

  private with(places: readonly number[], gate: number): Float32Array {
    const gates = this.gates.slice();
    for (const place of places) gates[place] = gate;
    return gates;
  }

  private async judged(gates: Float32Array, prompts = this.judging): Promise<State> {
    const [differences] = await this.model.differences(prompts, [gates]);
    const signs = prompts.map(({ sign }) => sign);
    return { loss: strictLoss(differences, signs), order: pairOrder(differences) };
  }
}
