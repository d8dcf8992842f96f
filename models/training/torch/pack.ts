/**
 * Token streams small enough to carry. Frequent pairs of neighbours become symbols of their own,
 * again and again, as in byte-pair encoding (after Larsson and Moffat's Re-Pair, 1999), and LZMA
 * packs the symbols: what a pair costs is then its frequency, not a distance back to where it was.
 * `train.py` unpacks with Python's standard library and NumPy.
 */
import type { Duplex } from 'node:stream';

/** Symbols there can be, tokens and pairs. */
const MOST_SYMBOLS = 1 << 15;
/** Pairs that become symbols in one pass over the stream, and how often each must occur. */
const PAIRS_A_PASS = 1024;
const LEAST_COUNT = 12;
/** Pairs are counted in the first of every so many blocks of symbols, which is enough to rank them. */
const COUNTED_SYMBOLS = 6_000_000;
const BLOCK = 1 << 14;

/** A stream as symbols; symbol `vocab + i` stands for the pair i of earlier symbols. */
export interface Symbols {
  readonly symbols: Uint16Array;
  readonly pairs: readonly (readonly [number, number])[];
}

/** Replaces frequent pairs of neighbours by symbols until none is frequent or all are used. */
export function pairSymbols(ids: Uint16Array, vocab: number, least = LEAST_COUNT): Symbols {
  const symbols = ids.slice();
  const pairs: [number, number][] = [];
  let length = symbols.length;
  while (vocab + pairs.length < MOST_SYMBOLS) {
    const room = Math.min(PAIRS_A_PASS, MOST_SYMBOLS - vocab - pairs.length);
    const chosen = frequentPairs(symbols.subarray(0, length), least).slice(0, room);
    if (chosen.length === 0) break;
    const numbers = new Map(chosen.map((pair, i) => [pair, vocab + pairs.length + i]));
    pairs.push(...chosen.map((pair): [number, number] => [pair >>> 16, pair & 0xffff]));
    length = replacePairs(symbols, length, numbers);
  }
  return { symbols: symbols.slice(0, length), pairs };
}

/**
 * Frequent pairs, the most frequent first, no two of which could meet: a symbol that ends one
 * begins none, so that what is replaced does not depend on the order.
 */
function frequentPairs(symbols: Uint16Array, least: number): number[] {
  const counts = new Map<number, number>();
  const every = Math.max(1, Math.floor(symbols.length / COUNTED_SYMBOLS));
  for (let start = 0; start < symbols.length; start += BLOCK * every) {
    const end = Math.min(start + BLOCK, symbols.length) - 1;
    for (let i = start; i < end; i++) {
      const pair = symbols[i] * 65536 + symbols[i + 1];
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
  }
  const frequent = [...counts].filter(([, count]) => count * every >= least);
  frequent.sort(([a, m], [b, n]) => n - m || a - b);
  const [firsts, seconds] = [new Set<number>(), new Set<number>()];
  const chosen: number[] = [];
  for (const [pair] of frequent.slice(0, 4 * PAIRS_A_PASS)) {
    const [first, second] = [pair >>> 16, pair & 0xffff];
    if (first === second || seconds.has(first) || firsts.has(second)) continue;
    firsts.add(first);
    seconds.add(second);
    chosen.push(pair);
  }
  return chosen;
}

/** Replaces pairs in place; the new length. */
function replacePairs(symbols: Uint16Array, length: number, numbers: Map<number, number>): number {
  // Most symbols begin no pair: a table tells without a look-up of the pair.
  const begins = new Uint8Array(1 << 16);
  for (const pair of numbers.keys()) begins[pair >>> 16] = 1;
  let to = 0;
  for (let i = 0; i < length; i++) {
    const symbol = symbols[i];
    const number =
      begins[symbol] === 1 && i + 1 < length
        ? numbers.get(symbol * 65536 + symbols[i + 1])
        : undefined;
    symbols[to++] = number ?? symbol;
    if (number !== undefined) i++;
  }
  return to;
}

/** First bytes whose upper three bits tell them apart, which is what LZMA's second bytes depend on. */
const FIRST_BYTES = (() => {
  const apart = [0, 1, 2, 3, 4, 5, 6].map((i) => i << 5);
  const others = Array.from({ length: 256 }, (_, i) => i).filter((i) => !apart.includes(i));
  return Uint8Array.from([...apart, ...others]);
})();

/**
 * Bytes before LZMA: numbers of pairs and of ranks (uint32 each), the pairs (uint16 each), the symbol
 * of each rank (uint16), most frequent first, then two bytes a symbol, its rank's upper and lower.
 */
export function symbolBytes({ symbols, pairs }: Symbols, vocab: number): Uint8Array {
  const counts = new Uint32Array(vocab + pairs.length);
  for (const symbol of symbols) counts[symbol]++;
  const order = Array.from(counts.keys())
    .filter((symbol) => counts[symbol] > 0)
    .sort((a, b) => counts[b] - counts[a] || a - b);
  const rank = new Uint16Array(counts.length);
  for (const [i, symbol] of order.entries()) rank[symbol] = i;
  const head = 8 + 4 * pairs.length + 2 * order.length;
  const bytes = new Uint8Array(head + 2 * symbols.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, pairs.length, true);
  view.setUint32(4, order.length, true);
  for (const [i, number] of [...pairs.flat(), ...order].entries()) {
    view.setUint16(8 + 2 * i, number, true);
  }
  let at = head;
  for (const symbol of symbols) {
    bytes[at++] = FIRST_BYTES[rank[symbol] >>> 8];
    bytes[at++] = rank[symbol] & 0xff;
  }
  return bytes;
}

/** What is used of lzma-native, whose types leave the constants out. */
interface Lzma {
  createStream(coder: 'streamEncoder', options: object): Duplex;
  readonly FILTER_LZMA2: string;
  readonly CHECK_CRC32: number;
}

/** An .xz file of a stream of token ids [pos]. */
export async function packTokens(ids: Uint16Array, vocab: number): Promise<Uint8Array> {
  const lzma = await loadLzma();
  const options = { preset: 6, dict_size: 1 << 26, lc: 3, lp: 1, pb: 1, nice_len: 96 };
  const encoder = lzma.createStream('streamEncoder', {
    filters: [{ id: lzma.FILTER_LZMA2, options }],
    check: lzma.CHECK_CRC32,
  });
  const parts: Buffer[] = [];
  return new Promise((resolve, reject) => {
    encoder.on('data', (part: Buffer) => parts.push(part));
    encoder.on('end', () => {
      resolve(Buffer.concat(parts));
    });
    encoder.on('error', reject);
    encoder.end(symbolBytes(pairSymbols(ids, vocab), vocab));
  });
}

async function loadLzma(): Promise<Lzma> {
  try {
    return (await import('lzma-native')).default as unknown as Lzma;
  } catch (error) {
    throw new Error('lzma-native is not installed; run `npm ci` in a checkout', { cause: error });
  }
}
