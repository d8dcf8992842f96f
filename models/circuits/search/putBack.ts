/**
 * Parts of the outside put back: random ones, and what an adversary chooses. With every outside node at
 * its mean, nodes may rely on each other's absence; a core that holds while any of them act as they do
 * is enough in the whole model too.
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
 * Random subsets of which the hardest are kept, and how many these are. A subset that breaks a core breaks
 * it on every prompt, so two pairs tell; but of a hundred only one may, so many are drawn.
 */
const DRAWN = { subsets: 160, pairs: 2 };
const HARDEST = 3;
/** Pairs that a core is tried on with each that was kept. */
const PAIRS = 6;
/** Share of the target that must be kept beside them: other subsets and prompts are harder yet. */
const MARGIN = 0.75;
/** Steps that the adversary climbs whenever he meets another core, and pairs of a step. */
const CLIMB = 1;
const CLIMB_PAIRS = 4;
/** Loss (nats) up to which slopes are taken at less scale: an adversary's, and of what is kept. */
const SLOPE_LOSS = { climb: 0.3, kept: 0.02 };

/** One step of an adversary against a core: the slope of the loss where he stands. */
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

/** Steps of an attack, pairs of a step, and steps from one look at what he chooses to the next. */
const ATTACK = { steps: 16, pairs: 4, look: 4 };

/** An attack on a core. */
export interface Attack {
  readonly model: Pick<MaskedModel, 'differences' | 'gradient'>;
  /** Gates of the core, [gate]. */
  readonly core: Float32Array;
  /** Prompts that he climbs on. */
  readonly prompts: readonly Prompt[];
  readonly rng: Rng;
  /** Called every few steps with what he has learned. */
  readonly look: (adversary: Adversary) => Promise<void>;
  readonly onStep?: (done: number) => void;
  /** True when no time is left for another step. */
  readonly expired?: () => boolean;
}

/**
 * An adversary climbs against a core, once with the few nodes that a verdict lets him choose, and once,
 * anew, with all that promise harm.
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
   * Draws random subsets and takes up those that are hardest for a core: most are hard for others too.
   * @returns whether the core keeps the goal with all that were drawn
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
   * Attacks a core as a proof does, on the prompts of the search, and takes up the choice that is hardest
   * for it.
   * @param expired true when no time is left: what was not tried breaks nothing
   * @returns whether the core keeps the goal with all that was chosen
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

  /** Whether a core keeps the goal with each subset taken up, and with what the adversary chooses. */
  async keeps(core: NodeSet): Promise<boolean> {
    const { adversary, all, chunks, model } = this;
    if (this.subsets.length === 0) await this.drawHardest(core);
    const own = all.gatesOf(core);
    if (!(await this.keep(this.beside(own)))) return false;
    for (let step = 0; step < CLIMB; step++) {
      await climb(adversary, model, own, CHOICE, chunks.next());
    }
    return this.keep([adversary.open(own, CHOICE)]);
  }

  /**
   * What dropping each node of a core adds to the loss beside each subset and the adversary's choice, to
   * first order, the most of them, [node].
   */
  async harms(core: NodeSet): Promise<Float64Array> {
    const own = this.all.gatesOf(core);
    const slopes = await this.slopes(own);
    const places = [...own.keys()].filter((place) => own[place] === 1);
    return Float64Array.from(places, (place) =>
      Math.max(...slopes.map(({ gradient }) => -gradient[place])),
    );
  }

  /** What opening each node of the model takes off the loss there, where it is closed, [node]. */
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
