/** Identifiers of the training corpus, for generated programs to use as names. */
import type { Tokenizer } from '../../tokenizer/tokenizer';
import { isVariableName } from '../idioms/wideNames';

/** Pieces of the stream that are looked at, spread over all of it, and tokens in each. */
const SAMPLES = 300;
const SAMPLE_TOKENS = 40_000;
/** A name that occurs less often may be a misspelling or cut off. */
const LEAST_COUNT = 3;
const MOST_NAMES = 60_000;

/**
 * The commonest variable-like names of a token stream [pos], most frequent first and then by letters;
 * the same stream gives the same names.
 */
export function corpusIdentifiers(stream: Uint16Array, tokenizer: Tokenizer): string[] {
  const counts = new Map<string, number>();
  const step = Math.max(SAMPLE_TOKENS, Math.floor(stream.length / SAMPLES));
  for (let start = 0; start < stream.length; start += step) {
    const text = tokenizer.decode(stream.subarray(start, start + SAMPLE_TOKENS));
    for (const [name] of text.matchAll(/[A-Za-z_]\w*/g)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts]
    .filter(([name, count]) => count >= LEAST_COUNT && name.length > 1 && isVariableName(name))
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, MOST_NAMES)
    .map(([name]) => name);
}
