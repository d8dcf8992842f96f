/** How strongly a circuit is active at each token. */
import type { NodesScan, Scan } from '../trace/traces';

/**
 * Strength of a circuit at consecutive tokens: the mean over its nodes of |activation − mean| / spread.
 * The mean is that over the training data, which ablation puts in a node's place; the spread is the
 * root mean square of activation − mean over these tokens, so that nodes of large and of small
 * activations count alike. A node that is at its mean throughout counts as 0.
 */
export function circuitStrength({ start, values, means }: NodesScan): Scan {
  const length = values.length / Math.max(1, means.length);
  const sum = new Float32Array(length);
  means.forEach((mean, node) => {
    const distances = values
      .subarray(node * length, (node + 1) * length)
      .map((value) => Math.abs(value - mean));
    const squares = distances.reduce((total, distance) => total + distance * distance, 0);
    const spread = Math.sqrt(squares / length);
    if (!(spread > 0)) return;
    distances.forEach((distance, i) => (sum[i] += distance / spread / means.length));
  });
  return { start, values: sum };
}
