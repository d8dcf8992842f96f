/** Batches of pairs of similar length; every pair comes once before any is repeated. */
import type { Rng } from '../../random';
import type { Prompt } from '../../tasks/prompts';

export class Chunks {
  private queue: (readonly Prompt[])[] = [];

  /** @param pairs number of pairs in a chunk, or all if there are fewer */
  constructor(
    private readonly prompts: readonly Prompt[],
    private readonly pairs: number,
    private readonly rng: Rng,
  ) {}

  /** The next chunk: side a of pair i at 2i, side b at 2i + 1. */
  next(): readonly Prompt[] {
    if (this.queue.length === 0) this.queue = this.deal();
    return this.queue.pop()!;
  }

  private deal(): (readonly Prompt[])[] {
    const { prompts, rng } = this;
    const pairs = Array.from({ length: prompts.length / 2 }, (_, i) =>
      prompts.slice(2 * i, 2 * i + 2),
    );
    const length = (pair: readonly Prompt[]) =>
      Math.max(...pair.map(({ tokens }) => tokens.length));
    const sorted = rng.shuffle(pairs).sort((a, b) => length(a) - length(b));
    const size = Math.min(this.pairs, sorted.length);
    const chunks: Prompt[][] = [];
    // Pairs left over would need a graph of their own; the next order leaves out others.
    const skip = rng.int((sorted.length % size) + 1);
    for (let start = skip; start + size <= sorted.length; start += size) {
      chunks.push(sorted.slice(start, start + size).flat());
    }
    return rng.shuffle(chunks);
  }
}
