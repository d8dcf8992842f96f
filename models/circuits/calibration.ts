/** Task loss from logit differences, after the scale and shift that suit them best. */
import type { Calibration } from '../runtime/maskedModel';

/** Which answer is right in each prompt: 1 the first, -1 the second. */
export type Signs = ArrayLike<number>;

/** Pull of the scale towards 1, so that separable differences do not drive it to infinity. */
const RIDGE = 1e-3;
const ITERATIONS = 30;
const CONVERGED = 1e-7;

/** Leaves differences as they are. */
export const UNCALIBRATED: Calibration = { scale: 1, shift: 0 };

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

/** Share of prompts whose right answer has the larger logit. */
export function accuracyOf(differences: ArrayLike<number>, signs: Signs): number {
  let right = 0;
  for (let i = 0; i < differences.length; i++) if (signs[i] * differences[i] > 0) right++;
  return right / differences.length;
}

/**
 * Scale (not negative) and shift with the least loss: logistic regression of one variable, by
 * Newton's method on a convex function.
 */
export function calibrate(differences: ArrayLike<number>, signs: Signs): Calibration {
  const count = differences.length;
  const objective = (c: Calibration) =>
    lossOf(differences, signs, c) + 0.5 * RIDGE * ((c.scale - 1) ** 2 + c.shift ** 2);
  let best: Calibration = UNCALIBRATED;
  let least = objective(best);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const { scale, shift } = best;
    let [gScale, gShift] = [RIDGE * (scale - 1), RIDGE * shift];
    let [hScale, hBoth, hShift] = [RIDGE, 0, RIDGE];
    for (let i = 0; i < count; i++) {
      const x = differences[i];
      const wrong = 1 / (1 + Math.exp(signs[i] * (scale * x + shift)));
      const slope = (-signs[i] * wrong) / count;
      const curve = (wrong * (1 - wrong)) / count;
      gScale += slope * x;
      gShift += slope;
      hScale += curve * x * x;
      hBoth += curve * x;
      hShift += curve;
    }
    const determinant = hScale * hShift - hBoth * hBoth;
    const stepScale = (hShift * gScale - hBoth * gShift) / determinant;
    const stepShift = (hScale * gShift - hBoth * gScale) / determinant;
    let size = 1;
    let next = best;
    let value = least;
    // Halve steps that overshoot.
    for (; size > 1e-4; size /= 2) {
      next = { scale: scale - size * stepScale, shift: shift - size * stepShift };
      value = objective(next);
      if (value < least) break;
    }
    if (!(value < least)) break;
    const gain = least - value;
    [best, least] = [next, value];
    if (gain < CONVERGED) break;
  }
  if (best.scale >= 0) return best;
  // Differences that speak for the wrong answer carry nothing: only the shift is left.
  const none = new Float64Array(count);
  return { scale: 0, shift: calibrate(none, signs).shift };
}

/** Least loss that a scale and shift can give to differences. */
export function calibratedLoss(differences: ArrayLike<number>, signs: Signs): number {
  return lossOf(differences, signs, calibrate(differences, signs));
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
