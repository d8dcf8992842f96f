/**
 * Byte-pair merges of one piece of text, in n log n and in steps that may be left in between: there is
 * no bound on a piece, which may be a million blanks.
 */
import { BYTE_CHARS } from './bytes';
import type { TokenizerJson } from './tokenizerJson';

/** Above every position in a piece, so that a rank and a position are one number. */
const POSITIONS = 2 ** 32;

/** The merges of a tokenizer file by the ids of their tokens. */
export class Merges {
  private readonly vocab: number;
  private readonly byteIds: Int32Array;
  /** Rank by left · vocab + right; lower ranks merge first. */
  private readonly ranks = new Map<number, number>();
  /** Id of what a merge makes, [rank]. */
  private readonly made: Int32Array;

  constructor({ vocab, merges }: TokenizerJson['model']) {
    this.vocab = 1 + Math.max(...Object.values(vocab));
    this.byteIds = Int32Array.from(BYTE_CHARS, (char) => vocab[char]);
    this.made = Int32Array.from(merges, (pair) => vocab[pair.join('')]);
    for (const [rank, [left, right]] of merges.entries()) {
      this.ranks.set(vocab[left] * this.vocab + vocab[right], rank);
    }
  }

  /** Begins to merge some bytes. */
  begin(bytes: Uint8Array): Merging {
    return new Merging(
      this,
      Int32Array.from(bytes, (byte) => this.byteIds[byte]),
    );
  }

  /** Rank of the merge of two tokens; undefined where there is none. */
  rank(left: number, right: number): number | undefined {
    return this.ranks.get(left * this.vocab + right);
  }

  /** Id of the token that a merge makes. */
  result(rank: number): number {
    return this.made[rank];
  }
}

/** A piece on its way: always the pair of lowest rank is merged, of equal ones the leftmost. */
export class Merging {
  /** Token at a position; -1 where it was merged into one before, [pos]. */
  private readonly ids: Int32Array;
  /** Position of the next token and of the one before, [pos]. */
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  /** A heap of rank · POSITIONS + position of the left one; what no longer holds is found out later. */
  private readonly heap: number[] = [];
  /** Pairs from here on were not looked at yet. */
  private looked = 0;

  constructor(
    private readonly merges: Merges,
    byteIds: Int32Array,
  ) {
    this.ids = byteIds;
    this.next = Int32Array.from(byteIds, (_, i) => i + 1);
    this.previous = Int32Array.from(byteIds, (_, i) => i - 1);
  }

  /** Does at most so many steps; whether all is merged. */
  advance(steps: number): boolean {
    const { length } = this.ids;
    let left = steps;
    for (; this.looked < length && left > 0; left--) this.look(this.looked++);
    if (this.looked < length) return false;
    for (; this.heap.length > 0 && left > 0; left--) this.merge(this.pop());
    return this.heap.length === 0;
  }

  /** The tokens, [token]. */
  tokens(): number[] {
    const tokens: number[] = [];
    for (let at = 0; at < this.ids.length; at = this.next[at]) tokens.push(this.ids[at]);
    return tokens;
  }

  private rankAt(position: number): number | undefined {
    const next = this.next[position];
    if (this.ids[position] < 0 || next >= this.ids.length) return undefined;
    return this.merges.rank(this.ids[position], this.ids[next]);
  }

  private look(position: number): void {
    const rank = this.rankAt(position);
    if (rank !== undefined) this.push(rank * POSITIONS + position);
  }

  private merge(candidate: number): void {
    const position = candidate % POSITIONS;
    const rank = (candidate - position) / POSITIONS;
    if (this.rankAt(position) !== rank) return; // One of the two became part of another.
    const gone = this.next[position];
    const after = this.next[gone];
    this.ids[position] = this.merges.result(rank);
    this.ids[gone] = -1;
    this.next[position] = after;
    if (after < this.ids.length) this.previous[after] = position;
    this.look(position);
    if (this.previous[position] >= 0) this.look(this.previous[position]);
  }

  private push(value: number): void {
    const { heap } = this;
    let at = heap.push(value) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent] <= value) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = value;
  }

  private pop(): number {
    const { heap } = this;
    const [least] = heap;
    const value = heap.pop()!;
    if (heap.length === 0) return least;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1] < heap[child]) child++;
      if (heap[child] >= value) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = value;
    return least;
  }
}
