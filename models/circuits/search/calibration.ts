/**
 * Task loss from logit differences. There are two rules of calibration, each the same for every set of nodes:
 * the strict one fits a shift only, the paper's both scale and shift (Gao et al., arXiv 2511.13653, section
 * 2.3). A free scale amplifies traces of the answer that are thousands of times too weak to matter and that
 * even a random model has; so the strict rule decides.
 */
import type { Calibration } from '../../inference/promptFeeds';

/** Which answer is right in each prompt: 1 the first, -1 the second. */
export type Signs = ArrayLike<number>;

/**
 * Ridge penalty on scale and shift, with differences in standard deviations: otherwise the scale would grow
 * without bound when the differences separate the answers.
 */
const RIDGE = 1e-3;
const ITERATIONS = 30;
const CONVERGED = 1e-7;
/** Largest shift searched for, and bisections of its interval. */
const MOST_SHIFT = 1e6;
const SHIFT_HALVINGS = 40;

/** Leaves differences as they are. */
const UNCALIBRATED: Calibration = { scale: 1, shift: 0 };

/** Mean cross-entropy between the two answers (nats) of calibrated differences [prompt]. */
export function lossOf(
  differences: ArrayLike<number>,
  signs: Signs,
  { scale, shift }: Calibration = UNCALIBRATED,
): number {
  let sum = 0;
  for (let i = 0; i < differences.length; i++) {
    sum += softplus(-signs[i] * (scale * differences[i] + shift));
  }
  return sum / differences.length;
}

/** The same for every pair [pair], whose sides are at 2i and 2i + 1. */
export function pairLosses(
  differences: ArrayLike<number>,
  signs: Signs,
  { scale, shift }: Calibration,
): Float64Array {
  const side = (i: number) => softplus(-signs[i] * (scale * differences[i] + shift));
  return Float64Array.from(
    { length: differences.length >> 1 },
    (_, pair) => (side(2 * pair) + side(2 * pair + 1)) / 2,
  );
}

/** Share of prompts whose right answer has the larger logit. */
export function accuracyOf(differences: ArrayLike<number>, signs: Signs): number {
  let right = 0;
  for (let i = 0; i < differences.length; i++) if (signs[i] * differences[i] > 0) right++;
  return right / differences.length;
}

/** The strict rule: scale 1 and the shift with the least loss. */
export function strictly(differences: ArrayLike<number>, signs: Signs): Calibration {
  return { scale: 1, shift: bestShift(differences, signs, 1) };
}

/**
 * The paper's rule: scale (0 or more) and shift with the least loss, a logistic regression of one
 * variable, by Newton's method on a convex function.
 */
export function freely(differences: ArrayLike<number>, signs: Signs): Calibration {
  const { mean, deviation } = spread(differences);
  const unit = Float64Array.from(differences, (x) => (deviation > 0 ? (x - mean) / deviation : 0));
  const { scale, shift } = newton(unit, signs);
  // Differences that favour the wrong answer get scale 0, which leaves only the shift.
  if (scale < 0) return { scale: 0, shift: bestShift(unit, signs, 0) };
  const own = deviation > 0 ? scale / deviation : 0;
  return { scale: own, shift: shift - own * mean };
}

/** Loss (nats) by the strict rule. */
export function strictLoss(differences: ArrayLike<number>, signs: Signs): number {
  return lossOf(differences, signs, strictly(differences, signs));
}

/** Share of pairs, sides at 2i and 2i + 1, whose side a favours the first answer more than side b does. */
export function pairOrder(differences: ArrayLike<number>): number {
  const right = gaps(differences).filter((gap) => gap > 0).length;
  return right / (differences.length >> 1);
}

/** Mean over pairs of the logit difference of side a less that of side b, nats. */
export function meanGap(differences: ArrayLike<number>): number {
  const all = gaps(differences);
  return all.reduce((sum, gap) => sum + gap, 0) / all.length;
}

function gaps(differences: ArrayLike<number>): number[] {
  return Array.from(
    { length: differences.length >> 1 },
    (_, pair) => differences[2 * pair] - differences[2 * pair + 1],
  );
}

/** Shift with the least loss at a given scale: the zero of the slope, which is monotonic. */
function bestShift(differences: ArrayLike<number>, signs: Signs, scale: number): number {
  const slope = (shift: number) => {
    let sum = 0;
    for (let i = 0; i < differences.length; i++) {
      sum -= signs[i] / (1 + Math.exp(signs[i] * (scale * differences[i] + shift)));
    }
    return sum;
  };
  let [low, high] = [-1, 1];
  while (slope(low) > 0 && low > -MOST_SHIFT) low *= 2;
  while (slope(high) < 0 && high < MOST_SHIFT) high *= 2;
  for (let i = 0; i < SHIFT_HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (slope(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The strict calibration, scaled down if needed to keep the loss at a floor (nats) or above: near zero loss
 * gradients vanish and cannot tell which nodes matter. With random labels the scale stays 1, so that
 * training goes on.
 */
export function soften(differences: ArrayLike<number>, signs: Signs, floor: number): Calibration {
  const strict = strictly(differences, signs);
  if (lossOf(differences, signs, strict) >= floor) return strict;
  const times = (factor: number) => ({ scale: factor, shift: factor * strict.shift });
  let [low, high] = [0, 1];
  for (let i = 0; i < ITERATIONS; i++) {
    const middle = (low + high) / 2;
    if (lossOf(differences, signs, times(middle)) >= floor) low = middle;
    else high = middle;
  }
  return times(low);
}

function spread(values: ArrayLike<number>): { mean: number; deviation: number } {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < values.length; i++) sum += values[i];
  const mean = sum / Math.max(1, values.length);
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length)) };
}

/** Scale and shift of differences in their own unit, by Newton's method with halved steps. */
function newton(differences: Float64Array, signs: Signs): Calibration {
  const objective = (c: Calibration) =>
    lossOf(differences, signs, c) + 0.5 * RIDGE * (c.scale ** 2 + c.shift ** 2);
  let best: Calibration = { scale: 0, shift: 0 };
  let least = objective(best);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const step = newtonStep(differences, signs, best);
    let next = best;
    for (let size = 1; size > 1e-4; size /= 2) {
      next = { scale: best.scale - size * step.scale, shift: best.shift - size * step.shift };
      if (objective(next) < least) break;
    }
    const gain = least - objective(next);
    if (!(gain > 0)) break;
    [best, least] = [next, least - gain];
    if (gain < CONVERGED) break;
  }
  return best;
}

/** Inverse Hessian times gradient. */
function newtonStep(x: Float64Array, signs: Signs, { scale, shift }: Calibration): Calibration {
  let [gScale, gShift] = [RIDGE * scale, RIDGE * shift];
  let [hScale, hBoth, hShift] = [RIDGE, 0, RIDGE];
  for (let i = 0; i < x.length; i++) {
    const wrong = 1 / (1 + Math.exp(signs[i] * (scale * x[i] + shift)));
    const slope = (-signs[i] * wrong) / x.length;
    const curve = (wrong * (1 - wrong)) / x.length;
    gScale += slope * x[i];
    gShift += slope;
    hScale += curve * x[i] * x[i];
    hBoth += curve * x[i];
    hShift += curve;
  }
  const determinant = hScale * hShift - hBoth * hBoth;
  return {
    scale: (hShift * gScale - hBoth * gShift) / determinant,
    shift: (hScale * gShift - hBoth * gScale) / determinant,
  };
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
