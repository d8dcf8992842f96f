/**
 * Restores parts of the rest beside a core: random ones, and those that an adversary chooses. With every
 * outside node at its mean, a core may rely on their absence; one that still works with any of them restored
 * is sufficient in the whole model too.
 */
import type { Rng } from '../../random';
import type { MaskedModel } from '../../inference/maskedModel';
import type { Prompt } from '../../tasks/prompts';
import { soften, strictLoss } from './calibration';
import type { NodeSet } from '../../transformer/nodeSet';
import { Adversary, CHOICE } from './adversary';
import { Chunks } from './chunks';
import { spreadPairs, type Goal } from './goal';

/**
 * Random subsets that are drawn, and how many of the hardest are kept. A subset that breaks a core does so on
 * every prompt, so two pairs are enough; but perhaps only one in a hundred does, so many are drawn.
 */
const DRAWN = { subsets: 160, pairs: 2 };
const HARDEST = 3;
/** Pairs that a core is measured on beside each kept subset. */
const PAIRS = 6;
/** Share of the target that must be met beside them: other subsets and prompts may be harder. */
const MARGIN = 0.75;
/** Steps of ascent that the adversary makes for each core, and pairs of a step. */
const CLIMB_STEPS = 1;
const CLIMB_PAIRS = 4;
/** Below this loss (nats) differences are scaled down (`soften`): for the adversary, and for kept gates. */
const SLOPE_LOSS = { climb: 0.3, kept: 0.02 };

/** One step of an adversary's gradient ascent against a core, at its current choice. */
export async function climb(
  adversary: Adversary,
  model: Pick<MaskedModel, 'differences' | 'gradient'>,
  core: Float32Array,
  most: number,
  prompts: readonly Prompt[],
): Promise<void> {
  const setting = adversary.open(core, most);
  const [differences] = await model.differences(prompts, [setting]);
  const signs = prompts.map(({ sign }) => sign);
  const calibration = soften(differences, signs, SLOPE_LOSS.climb);
  adversary.learn((await model.gradient(prompts, setting, calibration)).gradient);
}

/** Steps of an attack, pairs of a step, and steps between two looks at its choice. */
const ATTACK = { steps: 16, pairs: 4, look: 4 };

/** An attack on a core. */
export interface Attack {
  readonly model: Pick<MaskedModel, 'differences' | 'gradient'>;
  /** Gates of the core, [gate]. */
  readonly core: Float32Array;
  /** Prompts of the ascent. */
  readonly prompts: readonly Prompt[];
  readonly rng: Rng;
  /** Called every few steps with the adversary so far. */
  readonly look: (adversary: Adversary) => Promise<void>;
  readonly onStep?: (done: number) => void;
  /** True when no time is left for another step. */
  readonly expired?: () => boolean;
}

/**
 * Attacks a core by gradient ascent: once with the number of nodes that a verdict allows, and once, from the
 * start, with all nodes that are expected to harm.
 */
export async function attackCore(attack: Attack): Promise<void> {
  const { model, core, prompts, rng, look, onStep, expired } = attack;
  for (const [turn, most] of [CHOICE, Infinity].entries()) {
    const adversary = new Adversary(core.length);
    const chunks = new Chunks(prompts, ATTACK.pairs, rng);
    for (let step = 0; step < ATTACK.steps; step++) {
      if (expired?.()) return;
      onStep?.((turn + step / ATTACK.steps) / 2);
      await climb(adversary, model, core, most, chunks.next());
      if ((step + 1) % ATTACK.look === 0) await look(adversary);
    }
  }
}

export class PutBack {
  private readonly rng: Rng;
  private subsets: Float32Array[] = [];
  private readonly goalPrompts: readonly Prompt[];
  private readonly prompts: readonly Prompt[];
  private readonly signs: readonly number[];
  private readonly target: number;
  private readonly adversary: Adversary;
  private readonly chunks: Chunks;

  /** @param model of all nodes; released with this */
  constructor(
    private readonly model: Pick<MaskedModel, 'differences' | 'gradient' | 'release'>,
    private readonly all: NodeSet,
    rng: Rng,
    goal: Goal,
  ) {
    this.rng = rng;
    this.goalPrompts = goal.prompts;
    this.prompts = spreadPairs(goal.prompts, PAIRS);
    this.signs = this.prompts.map(({ sign }) => sign);
    this.target = MARGIN * goal.target;
    this.adversary = new Adversary(all.count);
    this.chunks = new Chunks(goal.prompts, CLIMB_PAIRS, rng);
  }

  /**
   * Draws random subsets and keeps those that are hardest for a core: most are hard for other cores too.
   * @returns whether the core keeps the goal beside all of them
   */
  async drawHardest(core: NodeSet): Promise<boolean> {
    const { all, rng } = this;
    const own = all.gatesOf(core);
    const drawn = Array.from({ length: DRAWN.subsets }, () => {
      const share = rng.next();
      return own.map(() => (rng.chance(share) ? 1 : 0));
    });
    const settings = drawn.map((subset) => union(subset, own));
    const losses = await this.losses(settings, spreadPairs(this.prompts, DRAWN.pairs));
    const order = [...losses.keys()].sort((a, b) => losses[b] - losses[a]);
    this.subsets.push(...order.slice(0, HARDEST).map((i) => drawn[i]));
    return losses[order[0]] <= this.target;
  }

  /**
   * Attacks a core as a proof does, on the prompts of the search, and keeps the choice that is hardest for it.
   * @param expired true when no time is left; choices that were not tried count as harmless
   * @returns whether the core keeps the goal beside every choice
   */
  async attack(core: NodeSet, expired: () => boolean): Promise<boolean> {
    const own = this.all.gatesOf(core);
    const chosen: Float32Array[] = [];
    await attackCore({
      ...{ model: this.model, core: own, prompts: this.goalPrompts, rng: this.rng, expired },
      look: (adversary) => {
        chosen.push(adversary.open(own, CHOICE));
        return Promise.resolve();
      },
    });
    if (chosen.length === 0) return true;
    const losses = await this.losses(chosen);
    const hardest = losses.indexOf(Math.max(...losses));
    this.subsets.push(chosen[hardest].map((gate, i) => (own[i] === 1 ? 0 : gate)));
    return losses[hardest] <= this.target;
  }

  /** Whether a core keeps the goal beside each kept subset, and beside the adversary's choice. */
  async keeps(core: NodeSet): Promise<boolean> {
    const { adversary, all, chunks, model } = this;
    if (this.subsets.length === 0) await this.drawHardest(core);
    const own = all.gatesOf(core);
    if (!(await this.keep(this.beside(own)))) return false;
    for (let step = 0; step < CLIMB_STEPS; step++) {
      await climb(adversary, model, own, CHOICE, chunks.next());
    }
    return this.keep([adversary.open(own, CHOICE)]);
  }

  /**
   * First-order increase of the loss when each node of a core is dropped, the largest over the kept subsets
   * and the adversary's choice, [node].
   */
  async harms(core: NodeSet): Promise<Float64Array> {
    const own = this.all.gatesOf(core);
    const slopes = await this.slopes(own);
    const places = [...own.keys()].filter((place) => own[place] === 1);
    return Float64Array.from(places, (place) =>
      Math.max(...slopes.map(({ gradient }) => -gradient[place])),
    );
  }

  /** First-order decrease of the loss there when each closed node of the model is opened, [node]. */
  async helps(core: NodeSet): Promise<Float64Array> {
    const slopes = await this.slopes(this.all.gatesOf(core));
    return Float64Array.from(this.all.nodes, (_, place) =>
      Math.max(...slopes.map(({ setting, gradient }) => (setting[place] ? 0 : -gradient[place]))),
    );
  }

  /** Slopes of the loss by every gate, beside each subset and the adversary's choice. */
  private async slopes(core: Float32Array) {
    const { adversary, model, prompts, signs } = this;
    const found: { readonly setting: Float32Array; readonly gradient: Float32Array }[] = [];
    for (const setting of [...this.beside(core), adversary.open(core, CHOICE)]) {
      const [differences] = await model.differences(prompts, [setting]);
      const calibration = soften(differences, signs, SLOPE_LOSS.kept);
      const { gradient } = await model.gradient(prompts, setting, calibration);
      found.push({ setting, gradient });
    }
    return found;
  }

  release(): Promise<void> {
    return this.model.release();
  }

  private beside(core: Float32Array): Float32Array[] {
    return this.subsets.map((subset) => union(subset, core));
  }

  private async keep(settings: readonly Float32Array[]): Promise<boolean> {
    return (await this.losses(settings)).every((loss) => loss <= this.target);
  }

  private async losses(
    settings: readonly Float32Array[],
    prompts = this.prompts,
  ): Promise<number[]> {
    const signs = prompts.map(({ sign }) => sign);
    const found = await this.model.differences(prompts, settings);
    return found.map((differences) => strictLoss(differences, signs));
  }
}

/** Open where either is. */
function union(one: Float32Array, other: Float32Array): Float32Array {
  return one.map((gate, i) => Math.max(gate, other[i]));
}
