/** How strongly a circuit is active at each token. */
import type { NodesScan, Scan } from '../trace/traces';

/**
 * Spread of each node at some tokens, [node]: the root mean square of activation − mean. The mean is that
 * over the training data, which ablation puts in a node's place.
 */
export function spreadsOf({ values, means }: NodesScan): Float32Array {
  const length = values.length / Math.max(1, means.length);
  return means.map((mean, node) => {
    const own = values.subarray(node * length, (node + 1) * length);
    return Math.sqrt(own.reduce((total, value) => total + (value - mean) ** 2, 0) / length);
  });
}

/**
 * Strength of a circuit at consecutive tokens: the mean over its nodes of |activation − mean| / spread, so
 * that nodes of large and of small activations count alike. A node without a spread counts as 0.
 */
export function circuitStrength({ start, values, means }: NodesScan, spreads: Float32Array): Scan {
  const length = values.length / Math.max(1, means.length);
  const sum = new Float32Array(length);
  means.forEach((mean, node) => {
    const spread = spreads[node];
    if (!(spread > 0)) return;
    values.subarray(node * length, (node + 1) * length).forEach((value, i) => {
      sum[i] += Math.abs(value - mean) / spread / means.length;
    });
  });
  return { start, values: sum };
}
