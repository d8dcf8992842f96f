/**
 * The causal half of a label: the node is mean-ablated at every position of held-out windows, and what
 * changes where the label holds is set beside what changes elsewhere: the loss of the text's next
 * token, and the whole prediction. One token is a noisy witness, the prediction is none.
 */
import type { Change } from '../bundles/labels';
import type { Means } from '../bundles/weights';
import { changeOf, compose, neutralEdit } from '../inference/interventions';
import type { Model } from '../inference/model';
import { LOGPROBS } from '../transformer/graphs';
import type { Terms } from './half';
import type { Sample } from './sample';

/** A node with the terms of its labels, of which there is one a sign. */
export interface Claim {
  readonly index: number;
  readonly labels: readonly Terms[];
}

/** What ablation changes. */
export interface CausalScore {
  /** Rise of the loss in nats a token. */
  readonly loss: Change;
  /** KL divergence of the prediction without the node from that with it, in nats a token. */
  readonly prediction: Change;
}

/** Variants of a window that run together; the first is the model as it is. */
const BATCH = 16;
/** Positions where a label holds, and elsewhere, that say something. */
const FEWEST = 5;

/**
 * Measures the claims of one site on the second half of the sample's windows, which did not choose
 * the labels.
 * @param windows those that may be used, from the last of the sample backwards, and in how many of them
 *   each node is ablated: where its labels hold most often
 * @returns [claim][label], null for a label that holds at too few positions of the pool
 */
export async function causalScores(
  model: Pick<Model, 'run'>,
  means: Means,
  sample: Sample,
  site: string,
  claims: readonly Claim[],
  { pool, each }: { readonly pool: number; readonly each: number },
  onProgress: (done: number, total: number) => Promise<void> | void,
): Promise<(CausalScore | null)[][]> {
  const jobs = Array.from({ length: pool }, (_, i) => ({
    window: sample.windows - 1 - i,
    claims: [] as number[],
  }));
  claims.forEach(({ labels }, i) => {
    for (const job of windowsOf(sample, jobs, labels, each)) job.claims.push(i);
  });
  const sums = claims.map(({ labels }) =>
    labels.map(() => ({ loss: sides(), prediction: sides() })),
  );
  const total = jobs.reduce((sum, job) => sum + job.claims.length, 0);
  let done = 0;
  for (const { window, claims: here } of jobs) {
    for (let from = 0; from < here.length; from += BATCH - 1) {
      const part = here.slice(from, from + BATCH - 1);
      const ablated = part.map((i) => claims[i].index);
      const changed = await changes(model, sample, window, { site, ablated, means });
      part.forEach((claim, row) => {
        const { rises, moved } = changed[row];
        claims[claim].labels.forEach((terms, label) => {
          const { loss, prediction } = sums[claim][label];
          for (let at = 1; at < rises.length; at++) {
            const side = isTrue(sample, window, at, terms) ? 'where' : 'elsewhere';
            loss[side].add(rises[at]);
            prediction[side].add(moved[at]);
          }
        });
      });
      done += part.length;
      await onProgress(done, total);
    }
  }
  return sums.map((labels) =>
    labels.map(({ loss, prediction }) => {
      if (loss.where.count < FEWEST || loss.elsewhere.count < FEWEST) return null;
      return { loss: changeFrom(loss), prediction: changeFrom(prediction) };
    }),
  );
}

const sides = () => ({ where: new Sum(), elsewhere: new Sum() });

function changeFrom({ where, elsewhere }: ReturnType<typeof sides>): Change {
  const standardError = Math.sqrt(
    where.variance / where.count + elsewhere.variance / elsewhere.count,
  );
  return { where: where.mean, elsewhere: elsewhere.mean, standardError };
}

/** The windows for a node: by turns the best of each label. */
function windowsOf<J extends { readonly window: number }>(
  sample: Sample,
  jobs: readonly J[],
  labels: readonly Terms[],
  most: number,
): Set<J> {
  const ranked = labels.map((terms) => {
    const counted = jobs.map((job) => ({ job, count: holding(sample, job.window, terms) }));
    return counted.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  });
  const chosen = new Set<J>();
  for (let rank = 0; rank < jobs.length; rank++) {
    for (const own of ranked) {
      if (chosen.size < most && rank < own.length) chosen.add(own[rank].job);
    }
  }
  return chosen;
}

/** Positions of a window where terms hold and a next token is known. */
function holding(sample: Sample, window: number, terms: Terms): number {
  let count = 0;
  for (let at = 1; at < sample.context - 1; at++) {
    if (isTrue(sample, window, at, terms)) count++;
  }
  return count;
}

function isTrue({ table, context }: Sample, window: number, at: number, terms: Terms): boolean {
  const { holds, positions } = table;
  for (const { concept, negated } of terms) {
    if ((holds[concept * positions + window * context + at] === 1) === negated) return false;
  }
  return true;
}

/** What ablating each node changes at every position of a window but the last, [node]{[pos]}. */
async function changes(
  model: Pick<Model, 'run'>,
  { tokens, context }: Sample,
  window: number,
  {
    site,
    ablated,
    means,
  }: { readonly site: string; readonly ablated: readonly number[]; readonly means: Means },
): Promise<{ readonly rises: Float64Array; readonly moved: Float64Array }[]> {
  const batch = 1 + ablated.length;
  const own = tokens.slice(window * context, (window + 1) * context);
  const mean = means.get(site)!;
  const edit = neutralEdit(batch, 1, mean.length);
  ablated.forEach((index, i) => {
    compose(edit, (i + 1) * mean.length + index, changeOf({ kind: 'mean' }, mean[index]));
  });
  const repeated = new Int32Array(batch * context);
  for (let row = 0; row < batch; row++) repeated.set(own, row * context);
  const read = Int32Array.from({ length: context - 1 }, (_, i) => i);
  const edits = new Map([[site, edit]]);
  const found = await model.run({ batch, tokens: repeated, read, edits, outputs: [LOGPROBS] });
  const logprobs = found.get(LOGPROBS)!;
  const size = logprobs.length / batch;
  const vocab = size / read.length;
  const before = logprobs.subarray(0, size);
  const probabilities = new Float32Array(size);
  for (let i = 0; i < size; i++) probabilities[i] = Math.exp(before[i]);
  return ablated.map((_, i) => {
    const after = logprobs.subarray((i + 1) * size, (i + 2) * size);
    const rises = new Float64Array(read.length);
    for (let at = 0; at < read.length; at++) {
      const next = at * vocab + own[at + 1];
      rises[at] = before[next] - after[next];
    }
    return { rises, moved: divergences(probabilities, before, after, vocab) };
  });
}

/** KL divergence of predictions after from those before, nats, [pos]; log-probabilities are [pos, vocab]. */
function divergences(
  probabilities: Float32Array,
  before: Float32Array,
  after: Float32Array,
  vocab: number,
): Float64Array {
  const found = new Float64Array(before.length / vocab);
  for (let at = 0; at < found.length; at++) {
    let sum = 0;
    const end = (at + 1) * vocab;
    for (let k = at * vocab; k < end; k++) sum += probabilities[k] * (before[k] - after[k]);
    found[at] = Math.max(0, sum);
  }
  return found;
}

/** Running mean and variance. */
class Sum {
  count = 0;
  private total = 0;
  private squares = 0;

  add(value: number): void {
    this.count++;
    this.total += value;
    this.squares += value * value;
  }

  get mean(): number {
    return this.total / this.count;
  }

  get variance(): number {
    return Math.max(0, this.squares / this.count - this.mean ** 2);
  }
}
