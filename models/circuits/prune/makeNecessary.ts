/**
 * From a sufficient circuit to one that is necessary too. A trained model does a task in more ways than
 * one; a circuit is needed only when it has a part of each. So the rest of the model, the circuit
 * frozen, is broken with as few nodes as can be, and they join the circuit.
 */
import type { MaskedModel } from '../../runtime/maskedModel';
import type { Prompt } from '../../tasks/prompts';
import { lossOf, UNCALIBRATED } from '../calibration';
import { NodeSet } from '../nodeSet';
import { spreadPairs } from './goal';

export interface NecessityOptions {
  /** Makes the masked model of some nodes. */
  readonly open: (nodes: NodeSet) => MaskedModel;
  /** Every node of the model. */
  readonly all: NodeSet;
  readonly prompts: readonly Prompt[];
  /** Loss (nats) that the rest, left as it is, must have at least. */
  readonly least: number;
  /** True when no time is left. */
  readonly expired: () => boolean;
  /** Loss of the rest, and nodes added so far. */
  readonly onRound: (loss: number, added: number) => void;
}

/** Pairs by which nodes to add are chosen; whether they are enough is judged on all. */
const CHOOSING_PAIRS = 12;
/** Nodes of the steepest slope that are tried exactly in a round, and together at most in one. */
const TRIED = 12;
const ROUNDS = 40;

/**
 * The circuit and what has to join it so that the rest of the model fails.
 * @returns null when time or rounds ran out before the rest failed
 */
export async function makeNecessary(
  circuit: NodeSet,
  options: NecessityOptions,
): Promise<NodeSet | null> {
  const { all, open } = options;
  const model = open(all.without(circuit));
  try {
    const closed = await new Breaking(model, options).run();
    if (!closed) return null;
    return new NodeSet(all.config, [...circuit.nodes, ...closed.nodes]);
  } finally {
    await model.release();
  }
}

class Breaking {
  private readonly gates: Float32Array;
  private readonly few: readonly Prompt[];

  constructor(
    private readonly model: MaskedModel,
    private readonly options: NecessityOptions,
  ) {
    this.gates = new Float32Array(model.nodes.count).fill(1);
    this.few = spreadPairs(options.prompts, CHOOSING_PAIRS);
  }

  /** Closes nodes until the loss on all prompts is enough; then opens those not needed for that. */
  async run(): Promise<NodeSet | null> {
    const { options, gates, model } = this;
    for (let round = 0; round < ROUNDS; round++) {
      const loss = await this.loss(options.prompts);
      options.onRound(loss, this.closed().length);
      if (loss >= options.least) {
        await this.reopen();
        return model.nodes.filter((place) => gates[place] === 0);
      }
      if (options.expired()) return null;
      await this.closeMore();
    }
    return null;
  }

  private closed(): number[] {
    return [...this.gates.keys()].filter((place) => this.gates[place] === 0);
  }

  /** Closes the node that does the most harm of those whose slope promises most. */
  private async closeMore(): Promise<void> {
    const { gates, few, model } = this;
    const { gradient } = await model.gradient(few, gates, UNCALIBRATED);
    const steepest = [...gates.keys()]
      .filter((place) => gates[place] === 1)
      .sort((a, b) => gradient[a] - gradient[b])
      .slice(0, TRIED);
    // Alone, and the first two, four, … together: where the loss hardly moves, one is not enough.
    const trials = steepest.map((place) => [place]);
    for (let count = 2; count <= TRIED; count *= 2) trials.push(steepest.slice(0, count));
    const losses = await this.losses(
      few,
      trials.map((places) => this.with(places, 0)),
    );
    const best = losses.indexOf(Math.max(...losses));
    for (const place of trials[best]) gates[place] = 0;
  }

  /** Opens, one after the other, closed nodes without which the loss is enough as well. */
  private async reopen(): Promise<void> {
    const { options, gates } = this;
    for (const place of this.closed()) {
      const [loss] = await this.losses(options.prompts, [this.with([place], 1)]);
      if (loss >= options.least) gates[place] = 1;
    }
  }

  private with(places: readonly number[], gate: number): Float32Array {
    const gates = this.gates.slice();
    for (const place of places) gates[place] = gate;
    return gates;
  }

  private async loss(prompts: readonly Prompt[]): Promise<number> {
    const [loss] = await this.losses(prompts, [this.gates]);
    return loss;
  }

  private async losses(prompts: readonly Prompt[], gates: Float32Array[]): Promise<number[]> {
    const signs = prompts.map(({ sign }) => sign);
    const found = await this.model.differences(prompts, gates);
    return found.map((differences) => lossOf(differences, signs));
  }
}
