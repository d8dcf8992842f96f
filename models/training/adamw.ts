/** AdamW on plain arrays (Loshchilov and Hutter, arXiv 1711.05101), moments dense. */

/** Numbers of one step. */
export interface AdamStep {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Steps taken including this one, for bias correction. */
  readonly count: number;
  /** Factor on the gradient, for clipping and averaging. */
  readonly gradientScale: number;
}

/** Updates weights and both moments in place; all arrays are of one length. */
export function adamW(
  weights: Float32Array,
  gradient: Float32Array,
  first: Float32Array,
  second: Float32Array,
  step: AdamStep,
): void {
  const { beta1, beta2, epsilon, gradientScale } = step;
  const correction = 1 - beta1 ** step.count;
  const rate = step.learningRate / correction;
  const rootCorrection = 1 / Math.sqrt(1 - beta2 ** step.count);
  const shrink = 1 - step.learningRate * step.weightDecay;
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i] * gradientScale;
    const m = (first[i] = beta1 * first[i] + (1 - beta1) * g);
    const v = (second[i] = beta2 * second[i] + (1 - beta2) * g * g);
    weights[i] = weights[i] * shrink - (rate * m) / (Math.sqrt(v) * rootCorrection + epsilon);
  }
}
