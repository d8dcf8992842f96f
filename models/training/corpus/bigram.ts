/**
 * The bigram table of the model: for each token the smoothed log-probabilities of the next. It is
 * counted, not trained, and stays frozen.
 */

/** Steps of a stored value in one nat: a stored q stands for the log-probability -q / 16. */
export const BIGRAM_STEPS = 16;

/** Part of the lowest order that is spread evenly, so that no pair is impossible. */
const UNIFORM_SHARE = 1e-3;

/** Tokens and how much each of them counts. */
export interface WeightedStream {
  /** Token ids, [pos]. */
  ids: Uint16Array;
  weight: number;
}

/**
 * Smoothed log-probabilities of the next token, [vocab, vocab] = (last, next), quantised: q stands
 * for -q / 16 nats, at most 255. The dequantised probabilities of a row add up to nearly 1.
 *
 * Smoothing is interpolated Kneser-Ney (1995): `discount` is taken from the count of every pair in
 * every stream; what it frees in a row is given out in proportion to the number of different tokens
 * that each next token was seen after. A discount between 0.8 and 0.95 does best on packages of
 * Python that were not counted, by less than 0.001 nats a token.
 * Throws if a token id is outside the vocabulary.
 */
export function bigramTable(
  streams: readonly WeightedStream[],
  vocab: number,
  discount = 0.9,
): Uint8Array {
  const mass = new Float32Array(vocab * vocab);
  const freed = new Float64Array(vocab);
  const continuations = new Float64Array(vocab);
  for (const { ids, weight } of streams) {
    const counts = countPairs(ids, vocab);
    for (let last = 0; last < vocab; last++) {
      for (let next = 0; next < vocab; next++) {
        const count = counts[last * vocab + next];
        if (count === 0) continue;
        mass[last * vocab + next] += weight * (count - discount);
        freed[last] += weight * discount;
        continuations[next] += weight;
      }
    }
  }
  return quantise(mass, freed, lowestOrder(continuations), vocab);
}

/**
 * Mean loss (nats/token) of a table [vocab, vocab] of logits, on pairs of tokens: `last` and `next`
 * [pos]. NaN for no pairs.
 */
export function bigramLoss(
  table: Float32Array,
  vocab: number,
  last: Int32Array | Uint16Array,
  next: Int32Array | Uint16Array,
): number {
  const logNorms = Float64Array.from({ length: vocab }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < vocab; i++) sum += Math.exp(table[row * vocab + i]);
    return Math.log(sum);
  });
  let loss = 0;
  for (let i = 0; i < last.length; i++)
    loss += logNorms[last[i]] - table[last[i] * vocab + next[i]];
  return loss / last.length;
}

/** How often each pair of neighbours occurs, [vocab, vocab]. */
function countPairs(ids: Uint16Array, vocab: number): Uint32Array {
  const counts = new Uint32Array(vocab * vocab);
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] >= vocab) throw new Error(`token id ${ids[i]} is outside the vocabulary ${vocab}`);
    if (i > 0) counts[ids[i - 1] * vocab + ids[i]]++;
  }
  return counts;
}

/** The distribution that a row falls back on, [vocab]. */
function lowestOrder(continuations: Float64Array): Float64Array {
  const total = continuations.reduce((sum, value) => sum + value, 0);
  const vocab = continuations.length;
  if (total === 0) return new Float64Array(vocab).fill(1 / vocab);
  return continuations.map(
    (value) => ((1 - UNIFORM_SHARE) * value) / total + UNIFORM_SHARE / vocab,
  );
}

function quantise(
  mass: Float32Array,
  freed: Float64Array,
  fallback: Float64Array,
  vocab: number,
): Uint8Array {
  const table = new Uint8Array(vocab * vocab);
  const row = new Float64Array(vocab);
  for (let last = 0; last < vocab; last++) {
    const counts = mass.subarray(last * vocab, (last + 1) * vocab);
    const total = counts.reduce((sum, value) => sum + value, 0) + freed[last];
    for (let next = 0; next < vocab; next++) {
      row[next] =
        total === 0 ? fallback[next] : (counts[next] + freed[last] * fallback[next]) / total;
    }
    quantiseRow(row, table.subarray(last * vocab, (last + 1) * vocab));
  }
  return table;
}

/**
 * Rounds log-probabilities so that the row keeps its sum: from the likeliest token down, each is
 * rounded up or down, whichever brings the sum so far closer to the true one.
 */
function quantiseRow(row: Float64Array, out: Uint8Array): void {
  const order = Array.from(row.keys()).sort((a, b) => row[b] - row[a]);
  let excess = 0;
  for (const next of order) {
    const exact = Math.min(255, -Math.log(row[next]) * BIGRAM_STEPS);
    const above = Math.exp(-Math.floor(exact) / BIGRAM_STEPS) - row[next];
    const below = Math.exp(-Math.ceil(exact) / BIGRAM_STEPS) - row[next];
    const useAbove = Math.abs(excess + above) <= Math.abs(excess + below);
    out[next] = useAbove ? Math.floor(exact) : Math.ceil(exact);
    excess += useAbove ? above : below;
  }
}
