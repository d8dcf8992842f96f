/**
 * The causal half of a label: the node is mean-ablated at every position of held-out windows, and the
 * rise of the loss where the label holds is set beside that elsewhere.
 */
import type { Means } from '../bundles/weights';
import { changeOf, compose, neutralEdit } from '../runtime/interventions';
import type { Model } from '../runtime/model';
import { LOGPROBS } from '../transformer/graphs';
import type { Sample } from './sample';
import type { Terms } from './search';

/** A node with the terms of its label. */
export interface Claim {
  readonly site: string;
  readonly index: number;
  readonly width: number;
  readonly terms: Terms;
}

/** Rise of the loss in nats a token. */
export interface CausalScore {
  readonly where: number;
  readonly elsewhere: number;
  /** Standard error of the difference of the two. */
  readonly standardError: number;
}

/** Windows in which each node is ablated: those where its label holds most often. */
const WINDOWS = 2;
const BATCH = 8;

/**
 * Measures every claim on the second half of the sample's windows, which did not choose the labels.
 * @param pool windows that may be used, from the last of the sample backwards
 * @returns null for a label that holds at too few positions of the pool to say anything
 */
export async function causalScores(
  model: Pick<Model, 'run'>,
  means: Means,
  sample: Sample,
  claims: readonly Claim[],
  pool: number,
  onProgress: (done: number, total: number) => Promise<void> | void,
): Promise<(CausalScore | null)[]> {
  const windows = Array.from({ length: pool }, (_, i) => sample.windows - 1 - i);
  const sums = claims.map(() => [new Sum(), new Sum()] as const);
  const jobs = windows.map((window) => ({ window, claims: [] as number[] }));
  claims.forEach(({ terms }, i) => {
    const counted = jobs.map((job) => ({ job, count: holding(sample, job.window, terms).length }));
    counted.sort((a, b) => b.count - a.count);
    for (const { job, count } of counted.slice(0, WINDOWS)) if (count > 0) job.claims.push(i);
  });
  const total = jobs.reduce((sum, job) => sum + job.claims.length, 0);
  let done = 0;
  for (const { window, claims: here } of jobs) {
    const [before] = await losses(model, sample, window, [], means);
    for (let from = 0; from < here.length; from += BATCH) {
      const part = here.slice(from, from + BATCH);
      const after = await losses(model, sample, window, part.map((i) => claims[i]), means); // prettier-ignore
      part.forEach((claim, row) => {
        const holds = new Set(holding(sample, window, claims[claim].terms));
        for (let at = 0; at < before.length; at++) {
          sums[claim][holds.has(at) ? 0 : 1].add(after[row][at] - before[at]);
        }
      });
      done += part.length;
      await onProgress(done, total);
    }
  }
  return sums.map(([where, elsewhere]) => {
    if (where.count < 5 || elsewhere.count < 5) return null;
    const standardError = Math.sqrt(
      where.variance / where.count + elsewhere.variance / elsewhere.count,
    );
    return { where: where.mean, elsewhere: elsewhere.mean, standardError };
  });
}

/** Positions of a window where terms hold and a next token is known. */
function holding({ table, context }: Sample, window: number, terms: Terms): number[] {
  const { holds, positions } = table;
  const true_ = (at: number) =>
    terms.every(({ concept, negated }) => {
      return (holds[concept * positions + window * context + at] === 1) !== negated;
    });
  return Array.from({ length: context - 2 }, (_, i) => i + 1).filter(true_);
}

/** Loss of every position's next token, [variant][pos]: with no node or one of each ablated. */
async function losses(
  model: Pick<Model, 'run'>,
  { tokens, context }: Sample,
  window: number,
  ablated: readonly Claim[],
  means: Means,
): Promise<Float64Array[]> {
  const batch = Math.max(1, ablated.length);
  const own = tokens.slice(window * context, (window + 1) * context);
  const edits = new Map<string, ReturnType<typeof neutralEdit>>();
  ablated.forEach(({ site, index, width }, row) => {
    const edit = edits.get(site) ?? neutralEdit(batch, 1, width);
    compose(edit, row * width + index, changeOf({ kind: 'mean' }, means.get(site)![index]));
    edits.set(site, edit);
  });
  const repeated = new Int32Array(batch * context);
  for (let row = 0; row < batch; row++) repeated.set(own, row * context);
  const read = Int32Array.from({ length: context - 1 }, (_, i) => i);
  const found = await model.run({ batch, tokens: repeated, read, edits, outputs: [LOGPROBS] });
  const logprobs = found.get(LOGPROBS)!;
  const vocab = logprobs.length / batch / read.length;
  return Array.from({ length: batch }, (_, row) =>
    Float64Array.from(read, (at) => -logprobs[(row * read.length + at) * vocab + own[at + 1]]),
  );
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
