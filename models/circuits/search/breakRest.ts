/**
 * Backups of a core, and the cut. A trained model solves a task in more than one way, so a sufficient core
 * is seldom necessary: without it the rest still solves the task. Backups are the fewest nodes found that
 * must be closed together with the core for the rest to fail at any calibration. Not all of both have to be
 * closed for that: for the cut, nodes are opened again for as long as the rest still fails, those that
 * other tasks need first.
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
  /** Prompts of other tasks, by task, which the cut should not affect. */
  readonly others?: readonly (readonly Prompt[])[];
  /** False when only the backups are wanted: the cut is then all of core and backups. */
  readonly cut?: boolean;
  /** Nodes of the core without inputs, which are opened before all others for the cut. */
  readonly constants?: NodeSet;
  /** True when no time is left. */
  readonly expired: () => boolean;
  /** Strict loss of the rest, and backups so far. */
  readonly onRound: (loss: number, added: number) => void;
  /** Called with the number of nodes still closed whenever some are opened again. */
  readonly onOpened?: (closed: number) => void;
}

/** Backups and cut that were found. */
export interface Broken {
  readonly backups: NodeSet;
  /** The fewest nodes of core and backups found without which the model fails. */
  readonly cut: NodeSet;
  /** Loss and share of pairs in order of the model without the cut, on the prompts. */
  readonly loss: number;
  readonly order: number;
  /** The rest fails; false when time or rounds ran out before. */
  readonly done: boolean;
}

/** The rest fails from this strict loss on (nats; guessing has 0.693), with at most this share of pairs in order. */
const FAILING = { loss: 0.67, order: 0.6 };
/** Loss (nats) on a few pairs from which it is measured on more. */
const NEARLY_FAILING_LOSS = 0.6;
/** Pairs that backups are chosen on, and pairs that decide whether they are enough. */
const CHOOSING_PAIRS = 8;
const JUDGING_PAIRS = 64;
/** Trials of a round: this many of the steepest nodes closed one by one, and these numbers of them together. */
const SINGLE_TRIALS = 4;
const GROUP_TRIALS = [2, 4, 8, 16, 32] as const;
/** A larger group must be this many times better than the best trial before it. */
const GROUP_ADVANTAGE = 1.5;
const ROUNDS = 60;
/** Further rounds for the order of pairs once the loss fails: a negligible trace may keep the order. */
const ORDER_ROUNDS = 8;
/** Below this loss (nats) differences are scaled down before slopes are taken (`soften`). */
const SLOPE_LOSS = 0.4;

/** Finds the backups of a core, and the cut. */
export async function breakRest(core: NodeSet, options: BreakOptions): Promise<Broken> {
  const model = options.open(options.all);
  try {
    return await new BackupSearch(model, core, options).run();
  } finally {
    await model.release();
  }
}

interface State {
  readonly loss: number;
  readonly order: number;
}

class BackupSearch {
  private readonly gates: Float32Array;
  private readonly choosing: readonly Prompt[];
  private readonly judging: readonly Prompt[];

  /** Whether failing includes the order of pairs; false once the loss alone failed for some rounds. */
  private byOrder = true;
  private roundsInOrder = 0;
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
    this.choosing = spreadPairs(options.prompts, CHOOSING_PAIRS);
    this.judging = spreadPairs(options.prompts, JUDGING_PAIRS);
  }

  /** Closes nodes until the rest fails; then opens again those with which it still fails. */
  async run(): Promise<Broken> {
    const { core, options, gates, model } = this;
    let state = await this.judged(gates);
    for (let round = 0; !this.fails(state) && round < ROUNDS && !options.expired(); round++) {
      if (state.loss >= FAILING.loss && this.roundsInOrder++ >= ORDER_ROUNDS) break;
      options.onRound(state.loss, this.backups().length);
      await this.closeMore();
      state = await this.judged(gates);
    }
    this.byOrder = this.fails(state);
    const done = this.fails(state);
    if (done) await this.reopen(this.backups());
    const backups = model.nodes.filter((place) => gates[place] === 0 && !core.has(place));
    if (done && options.cut !== false) {
      const needs = await this.needsOfOtherTasks();
      if (options.constants) {
        const constant = model.nodes.gatesOf(options.constants);
        await this.reopen([...core].filter((place) => constant[place] === 1));
      }
      // At equal need, nodes of the first layers are opened first, since they serve many tasks.
      const closed = [...core, ...this.backups()].filter((place) => gates[place] === 0);
      await this.reopen(closed.sort((a, b) => needs[b] - needs[a]));
    }
    const cut = model.nodes.filter((place) => gates[place] === 0);
    return { backups, cut, ...(await this.judged(gates)), done };
  }

  /** Whether the rest fails: by its loss, and by the order of pairs unless that is given up. */
  private fails({ loss, order }: State): boolean {
    return loss >= FAILING.loss && (!this.byOrder || order <= FAILING.order);
  }

  private backups(): number[] {
    const { core, gates } = this;
    return [...gates.keys()].filter((place) => gates[place] === 0 && !core.has(place));
  }

  /** Tries the nodes with the steepest slopes, alone and in groups, and closes those that harm most. */
  private async closeMore(): Promise<void> {
    const { gates, choosing, model } = this;
    const signs = choosing.map(({ sign }) => sign);
    const [differences] = await model.differences(choosing, [gates]);
    const calibration = soften(differences, signs, SLOPE_LOSS);
    const slopes = new Float64Array(gates.length);
    for (let i = 0; i < choosing.length; i += 2) {
      const pair = choosing.slice(i, i + 2);
      const { gradient } = await model.gradient(pair, gates, calibration);
      for (let node = 0; node < slopes.length; node++) slopes[node] += gradient[node];
    }
    const steepest = [...gates.keys()]
      .filter((place) => gates[place] === 1)
      .sort((a, b) => slopes[a] - slopes[b])
      .slice(0, GROUP_TRIALS.at(-1));
    const trials = [
      ...steepest.slice(0, SINGLE_TRIALS).map((place) => [place]),
      ...GROUP_TRIALS.map((count) => steepest.slice(0, count)),
    ];
    const found = await model.differences(
      choosing,
      trials.map((places) => this.withGates(places, 0)),
    );
    // At the scale of the slopes, so that changes show even while the rest is confident.
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
    let best = losses.indexOf(Math.max(...losses.slice(0, SINGLE_TRIALS)));
    for (let trial = SINGLE_TRIALS; trial < trials.length; trial++) {
      if (losses[trial] - start > GROUP_ADVANTAGE * Math.max(0, losses[best] - start)) best = trial;
    }
    for (const place of trials[best]) gates[place] = 0;
  }

  /** First-order harm to other tasks of closing each node in the whole model, equal for all tasks, [node]. */
  private async needsOfOtherTasks(): Promise<Float64Array> {
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

  /** Opens a group of closed nodes if the rest still fails; otherwise tries each half. */
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

  /** Whether the rest fails with a group open; measured on a few pairs before all. */
  private async failsWith(group: readonly number[]): Promise<boolean> {
    const gates = this.withGates(group, 1);
    return (
      (await this.judged(gates, this.choosing)).loss >= NEARLY_FAILING_LOSS &&
      this.fails(await this.judged(gates))
    );
  }

  private withGates(places: readonly number[], gate: number): Float32Array {
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
