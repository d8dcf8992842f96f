/**
 * The loss that a circuit has to reach, and the prompts. Since it is chosen for its loss on these prompts, that
 * loss is optimistic; the loss that is compared with the target therefore has a margin for chance.
 */
import type { Prompt } from '../../tasks/prompts';
import { pairLosses, soften, strictly } from './calibration';
import type { GatedModel } from './gates';

/** Standard errors of the mean over pairs that are added to a loss. */
const CAUTION = 1.5;

/**
 * An upper estimate of the strict loss (nats) on new prompts: the mean over pairs plus some standard errors.
 * So a circuit that fails badly on a few pairs ranks below one that is slightly unsure of all.
 */
export function cautiousLoss(differences: ArrayLike<number>, signs: ArrayLike<number>): number {
  const losses = pairLosses(differences, signs, strictly(differences, signs));
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const squares = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0);
  return mean + (CAUTION * Math.sqrt(squares)) / losses.length;
}

/** Prompts of about one length whose slopes are computed together. */
const SLOPE_PROMPTS = 16;
/** Settings that are measured at once, to bound memory: each has one number per gate. */
const SETTINGS = 64;
/** Below this loss (nats) differences are scaled down before slopes are taken (`soften`). */
const LEAST_LOSS = 0.02;

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

  /** The same target on some of the pairs, evenly spaced in the list. */
  on(pairs: number): Goal {
    return new Goal(spreadPairs(this.prompts, pairs), this.target);
  }

  /** Cautious losses under gate settings, which are made when they are needed. */
  async losses(
    model: GatedModel,
    count: number,
    setting: (i: number) => Float32Array,
  ): Promise<number[]> {
    const losses: number[] = [];
    for (let start = 0; start < count; start += SETTINGS) {
      const length = Math.min(SETTINGS, count - start);
      const settings = Array.from({ length }, (_, i) => setting(start + i));
      const found = await model.differences(this.prompts, settings);
      losses.push(...found.map((differences) => cautiousLoss(differences, this.signs)));
    }
    return losses;
  }

  /** Whether each setting keeps the target. */
  async keeps(model: GatedModel, settings: readonly Float32Array[]): Promise<boolean[]> {
    const losses = await this.losses(model, settings.length, (i) => settings[i]);
    return losses.map((loss) => loss <= this.target);
  }

  /** Slope of the loss by every gate, all `count` of them open, [gate]. */
  async slopes(model: GatedModel, count: number): Promise<Float64Array> {
    const all = new Float32Array(count).fill(1);
    const [differences] = await model.differences(this.prompts, [all]);
    const calibration = soften(differences, this.signs, LEAST_LOSS);
    const order = [...this.prompts].sort((a, b) => a.tokens.length - b.tokens.length);
    const sum = new Float64Array(count);
    for (let start = 0; start < order.length; start += SLOPE_PROMPTS) {
      const some = order.slice(start, start + SLOPE_PROMPTS);
      const { gradient } = await model.gradient(some, all, calibration);
      for (let i = 0; i < sum.length; i++) sum[i] += (gradient[i] * some.length) / order.length;
    }
    return sum;
  }
}

/** Some pairs, evenly spaced in the list. */
export function spreadPairs(prompts: readonly Prompt[], count: number): readonly Prompt[] {
  const pairs = prompts.length / 2;
  if (pairs <= count) return prompts;
  return Array.from({ length: count }, (_, i) => {
    const pair = Math.floor((i * pairs) / count);
    return prompts.slice(2 * pair, 2 * pair + 2);
  }).flat();
}
