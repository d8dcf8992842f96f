/** Seeded random numbers: the same seed gives the same run on every machine. */

/**
 * Small fast counter generator (sfc32, Chris Doty-Humphrey's PractRand). Its four words are the
 * whole state, so a checkpoint can hold it.
 */
export class Rng {
  private readonly words: Uint32Array;

  /** Generator for a seed and any number of labels; different labels give independent streams. */
  constructor(...seed: (number | string)[]) {
    let hash = 0x811c9dc5;
    for (const char of seed.join('\u0000')) {
      hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
    }
    this.words = Uint32Array.of(hash, hash ^ 0x9e3779b9, Math.imul(hash, 0x85ebca6b), 1);
    for (let i = 0; i < 20; i++) this.uint32();
  }

  /** The four words, to be restored with `state = …`. */
  get state(): number[] {
    return [...this.words];
  }

  set state(words: readonly number[]) {
    if (words.length !== 4) throw new Error(`random state has ${words.length} words, needs 4`);
    this.words.set(words);
  }

  /** Uniform integer in [0, 2^32). */
  uint32(): number {
    const w = this.words;
    const sum = (w[0] + w[1] + w[3]) | 0;
    w[3] = w[3] + 1;
    w[0] = w[1] ^ (w[1] >>> 9);
    w[1] = w[2] + (w[2] << 3);
    w[2] = ((w[2] << 21) | (w[2] >>> 11)) + sum;
    return sum >>> 0;
  }

  /** Uniform number in [0, 1). */
  next(): number {
    return this.uint32() / 4294967296;
  }

  /** Uniform integer in [0, count). */
  int(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One element, uniformly. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('cannot pick from an empty list');
    return items[this.int(items.length)];
  }

  /** A new array with the elements in random order (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      [out[i], out[j]] = [out[j], out[i]];
    }
    return out;
  }

  /** Standard normal number (Box-Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}
