/**
 * What a circuit has to reach, and on which prompts. It is chosen for its loss on them, so that loss
 * flatters it; what is held against the target therefore includes what chance may have spared it.
 */
import type { MaskedModel } from '../../runtime/maskedModel';
import type { Prompt } from '../../tasks/prompts';
import { calibrate, pairLosses, soften } from '../calibration';

/** Standard errors of the mean over pairs that are added to a loss. */
const CAUTION = 1.5;

/**
 * The calibrated loss (nats) that new prompts will hardly exceed: its mean over pairs and some standard
 * errors of that. A circuit that fails badly on a few pairs is worse than one a little unsure of all.
 */
export function cautiousLoss(differences: ArrayLike<number>, signs: ArrayLike<number>): number {
  const losses = pairLosses(differences, signs, calibrate(differences, signs));
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const squares = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0);
  return mean + (CAUTION * Math.sqrt(squares)) / losses.length;
}

/** Prompts of about one length whose slopes are computed together. */
const SLOPE_PROMPTS = 16;

/** A target loss on some prompts. */
export class Goal {
  private readonly signs: number[];

  /**
   * @param prompts side a of pair i at 2i, side b at 2i + 1
   * @param target cautious loss that must be kept, nats
   */
  constructor(
    readonly prompts: readonly Prompt[],
    readonly target: number,
  ) {
    this.signs = prompts.map(({ sign }) => sign);
  }

  /** The same target on some of the pairs, from all over the list. */
  on(pairs: number): Goal {
    return new Goal(spreadPairs(this.prompts, pairs), this.target);
  }

  /** Cautious losses under gate settings. */
  async losses(model: MaskedModel, gates: readonly Float32Array[]): Promise<number[]> {
    const found = await model.differences(this.prompts, gates);
    return found.map((differences) => cautiousLoss(differences, this.signs));
  }

  /** Whether each setting keeps the target. */
  async keeps(model: MaskedModel, gates: readonly Float32Array[]): Promise<boolean[]> {
    const losses = await this.losses(model, gates);
    return losses.map((loss) => loss <= this.target);
  }

  /** Slope of the calibrated loss by every gate, all of them open, [node]. */
  async slopes(model: MaskedModel): Promise<Float64Array> {
    const all = new Float32Array(model.nodes.count).fill(1);
    const [differences] = await model.differences(this.prompts, [all]);
    const calibration = soften(differences, this.signs, calibrate(differences, this.signs));
    const order = [...this.prompts].sort((a, b) => a.tokens.length - b.tokens.length);
    const sum = new Float64Array(all.length);
    for (let start = 0; start < order.length; start += SLOPE_PROMPTS) {
      const some = order.slice(start, start + SLOPE_PROMPTS);
      const { gradient } = await model.gradient(some, all, calibration);
      for (let i = 0; i < sum.length; i++) sum[i] += (gradient[i] * some.length) / order.length;
    }
    return sum;
  }

  /** Whether a model keeps the target with all its gates open. */
  async keepsAll(model: MaskedModel): Promise<boolean> {
    const [kept] = await this.keeps(model, [new Float32Array(model.nodes.count).fill(1)]);
    return kept;
  }
}

/** Some pairs from all over the list. */
export function spreadPairs(prompts: readonly Prompt[], count: number): readonly Prompt[] {
  const pairs = prompts.length / 2;
  if (pairs <= count) return prompts;
  return Array.from({ length: count }, (_, i) => {
    const pair = Math.floor((i * pairs) / count);
    return prompts.slice(2 * pair, 2 * pair + 2);
  }).flat();
}

/** Of the pairs, one in this many serves to select nodes by; masks are trained on the others. */
const SELECT_ONE_IN = 4;
/** With fewer pairs to select by than this, all pairs serve for both. */
const LEAST_SELECT = 16;
/** With so many different answers masks are never taught one in `NEW_ONE_IN` of them. */
const MANY_ANSWERS = 32;
const NEW_ONE_IN = 6;

/** Which pairs serve for what; the same ones where they are few. */
export interface SplitPairs {
  /** To select nodes by. */
  readonly select: readonly Prompt[];
  /** To teach masks with. */
  readonly teach: readonly Prompt[];
  /** Every pair to select by has an answer that no mask is taught. */
  readonly newAnswers: boolean;
}

/**
 * Divides pairs. Where there are many answers, as in copying names, masks learn them one by one, and
 * only answers that they were not taught tell whether a circuit can do others.
 */
export function splitPairs(prompts: readonly Prompt[]): SplitPairs {
  const answers = [...new Set(prompts.map(({ first }) => first))];
  if (answers.length >= MANY_ANSWERS) {
    const kept = new Set(answers.filter((_, i) => i % NEW_ONE_IN === 0));
    const isNew = ({ first, second }: Prompt) => kept.has(first) || kept.has(second);
    const select = prompts.filter(isNew);
    const teach = prompts.filter((prompt) => !isNew(prompt));
    const least = 2 * LEAST_SELECT;
    if (select.length >= least && teach.length >= least) return { select, teach, newAnswers: true };
  }
  const pairs = Math.floor(prompts.length / 2 / SELECT_ONE_IN);
  if (pairs < LEAST_SELECT) return { select: prompts, teach: prompts, newAnswers: false };
  return {
    select: prompts.slice(0, 2 * pairs),
    teach: prompts.slice(2 * pairs),
    newAnswers: false,
  };
}
