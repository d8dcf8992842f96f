/** What a prediction is judged by: one token's log-probability, or that less another's. */

/** What is measured of a prediction. */
export interface Target {
  /** Token id whose log-probability (nats) counts. */
  readonly id: number;
  /** Token id whose log-probability is taken off: why this and not that; null for none. */
  readonly contrast: number | null;
}

/** A target as a request names it. */
export interface TargetRequest {
  /** By default the likeliest, which the model predicts. */
  readonly target?: number;
  readonly contrast?: number;
}

/**
 * The target of a request.
 * @param logprobs of the token after the position, [vocab]
 * @throws when it names no token
 */
export function chooseTarget({ target, contrast }: TargetRequest, logprobs: Float32Array): Target {
  const chosen = { id: target ?? likeliest(logprobs), contrast: contrast ?? null };
  for (const id of [chosen.id, chosen.contrast ?? 0]) {
    if (Number.isInteger(id) && id >= 0 && id < logprobs.length) continue;
    throw new Error(`target ${id} is no token; give 0 to ${logprobs.length - 1}`);
  }
  return chosen;
}

/** What the target measures (nats) of log-probabilities [vocab]. */
export function targetValue({ id, contrast }: Target, logprobs: Float32Array): number {
  return logprobs[id] - (contrast === null ? 0 : logprobs[contrast]);
}

function likeliest(logprobs: Float32Array): number {
  return logprobs.reduce((best, value, id) => (value > logprobs[best] ? id : best), 0);
}
