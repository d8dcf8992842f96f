/** Training of a byte-level BPE vocabulary (Sennrich et al. 2016, on bytes). */
import { splitText } from './pattern';
import { makeTokenizerJson, type TokenizerJson } from './tokenizerJson';

/** Longer tokens would be rulers of `=` and `-`, which are no use to a small model. */
const MAX_TOKEN_BYTES = 24;

/** A distinct piece of the text: its present tokens and how often it occurs. */
interface Word {
  tokens: number[];
  count: number;
}

/** Counts of neighbouring token pairs, and the words in which each was ever seen. */
class PairCounts {
  readonly counts = new Map<number, number>();
  private readonly words = new Map<number, Set<Word>>();

  /** Adds (sign 1) or takes back (sign -1) all pairs of a word. */
  add(word: Word, sign: 1 | -1): void {
    for (let i = 1; i < word.tokens.length; i++) {
      const key = pairKey(word.tokens[i - 1], word.tokens[i]);
      this.counts.set(key, (this.counts.get(key) ?? 0) + sign * word.count);
      if (sign === 1) this.wordsOf(key).add(word);
    }
  }

  /** Removes a pair and returns the words that may hold it. */
  take(key: number): Iterable<Word> {
    const words = this.wordsOf(key);
    this.words.delete(key);
    return words;
  }

  private wordsOf(key: number): Set<Word> {
    let words = this.words.get(key);
    if (!words) this.words.set(key, (words = new Set()));
    return words;
  }
}

/**
 * Learns a vocabulary: the 256 bytes, then the most frequent pairs within pieces, then end-of-text.
 * The result depends only on the texts, not on their order: of equally frequent pairs the one with
 * the lower token ids wins.
 * @param texts training texts; all count alike, so mix them in the shares wanted
 * @param vocabSize number of tokens, end-of-text included; it gets the last id
 * Throws if the texts hold too few pairs for the size.
 */
export function trainBpe(texts: Iterable<string>, vocabSize: number): TokenizerJson {
  if (!Number.isInteger(vocabSize) || vocabSize < 257 || vocabSize > 0x10000) {
    throw new Error(`vocabulary size ${vocabSize} is not between 257 and 65536`);
  }
  const tokens = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  const merges: [number, number][] = [];
  const pairs = new PairCounts();
  for (const word of countWords(texts)) pairs.add(word, 1);
  while (tokens.length < vocabSize - 1) {
    const best = mostFrequent(pairs.counts, tokens);
    if (best === undefined) {
      throw new Error(`the texts give only ${tokens.length + 1} tokens of ${vocabSize}; add text`);
    }
    const [left, right] = [Math.floor(best / 0x10000), best % 0x10000];
    mergeEverywhere(pairs, left, right, tokens.length);
    tokens.push(Uint8Array.of(...tokens[left], ...tokens[right]));
    merges.push([left, right]);
  }
  return makeTokenizerJson(tokens, merges);
}

/** The distinct pieces of all texts. */
function countWords(texts: Iterable<string>): Word[] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const piece of splitText(text)) {
      counts.set(piece, (counts.get(piece) ?? 0) + 1);
    }
  }
  const encoder = new TextEncoder();
  return Array.from(counts, ([piece, count]) => ({ tokens: [...encoder.encode(piece)], count }));
}

/** The key of the most frequent pair that occurs and is not too long; of equals the lowest key. */
function mostFrequent(
  counts: ReadonlyMap<number, number>,
  tokens: readonly Uint8Array[],
): number | undefined {
  let best: number | undefined;
  let bestCount = 0;
  for (const [key, count] of counts) {
    if (count < bestCount || count === 0 || (count === bestCount && key > best!)) continue;
    const bytes = tokens[Math.floor(key / 0x10000)].length + tokens[key % 0x10000].length;
    if (bytes > MAX_TOKEN_BYTES) continue;
    best = key;
    bestCount = count;
  }
  return best;
}

/** Replaces the pair by the new token in every word that holds it, and keeps the counts right. */
function mergeEverywhere(pairs: PairCounts, left: number, right: number, merged: number): void {
  const key = pairKey(left, right);
  for (const word of pairs.take(key)) {
    const tokens = mergePair(word.tokens, left, right, merged);
    if (tokens.length === word.tokens.length) continue;
    pairs.add(word, -1);
    word.tokens = tokens;
    pairs.add(word, 1);
  }
  pairs.counts.delete(key);
}

/** Tokens with each (left, right) replaced, from left to right. */
function mergePair(
  tokens: readonly number[],
  left: number,
  right: number,
  merged: number,
): number[] {
  const out: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const found = tokens[i] === left && tokens[i + 1] === right;
    out.push(found ? merged : tokens[i]);
    if (found) i++;
  }
  return out;
}

/** One number for a pair of 16-bit ids; ascending in (left, right). */
function pairKey(left: number, right: number): number {
  return left * 0x10000 + right;
}
