/**
 * Random parts of the outside put back. With every outside node at its mean, nodes may rely on each
 * other's absence; a core that holds while any of them act as they do is enough in the whole model too.
 */
import type { Rng } from '../../random';
import type { MaskedModel } from '../../runtime/maskedModel';
import type { Prompt } from '../../tasks/prompts';
import { strictLoss } from '../calibration';
import { spreadPairs, type Goal } from './goal';
import type { NodeSet } from '../nodeSet';

/** Fixed subsets that a core is tried with, and pairs that each is tried on. */
const SUBSETS = 3;
const PAIRS = 8;

export class PutBack {
  private readonly subsets: readonly Float32Array[];
  private readonly prompts: readonly Prompt[];
  private readonly signs: readonly number[];
  private readonly target: number;

  /** @param model of all nodes; released with this */
  constructor(
    readonly model: MaskedModel,
    private readonly all: NodeSet,
    rng: Rng,
    goal: Goal,
  ) {
    this.subsets = Array.from({ length: SUBSETS }, (_, i) => {
      const share = (i + 0.5) / SUBSETS;
      return Float32Array.from({ length: all.count }, () => (rng.chance(share) ? 1 : 0));
    });
    this.prompts = spreadPairs(goal.prompts, PAIRS);
    this.signs = this.prompts.map(({ sign }) => sign);
    this.target = goal.target;
  }

  /** Whether a core keeps the goal with each subset. */
  async keeps(core: NodeSet): Promise<boolean> {
    const own = this.all.gatesOf(core);
    const settings = this.subsets.map((subset) => subset.map((gate, i) => Math.max(gate, own[i])));
    const found = await this.model.differences(this.prompts, settings);
    return found.every((differences) => strictLoss(differences, this.signs) <= this.target);
  }

  release(): Promise<void> {
    return this.model.release();
  }
}
