import { describe, expect, it } from 'vitest';
import { Rng } from '../../../models/random';
import {
  packTokens,
  pairSymbols,
  symbolBytes,
  type Symbols,
} from '../../../models/training/torch/pack';
import { thinned } from '../../../models/training/torch/runFolder';

const VOCAB = 50;

/** Sentences over and over, so that there is something to pair. */
function text(seed: number, length: number): Uint16Array {
  const rng = new Rng('text', seed);
  const sentences = Array.from({ length: 12 }, () =>
    Array.from({ length: 2 + rng.int(9) }, () => rng.int(VOCAB)),
  );
  const ids: number[] = [];
  while (ids.length < length) ids.push(...rng.pick(sentences));
  return Uint16Array.from(ids.slice(0, length));
}

/** The tokens that symbols stand for, one by one. */
function spelled({ symbols, pairs }: Symbols): number[] {
  const spell = (symbol: number): number[] =>
    symbol < VOCAB ? [symbol] : pairs[symbol - VOCAB].flatMap(spell);
  return [...symbols].flatMap(spell);
}

describe('symbols of pairs', () => {
  it.each([1, 2, 3])('spell the text that they were made of (%i)', (seed) => {
    const ids = text(seed, 3000);
    const made = pairSymbols(ids, VOCAB);
    expect(spelled(made)).toEqual([...ids]);
    expect(made.pairs.length).toBeGreaterThan(10);
    expect(made.symbols.length).toBeLessThan(ids.length / 2);
  });

  it('are the tokens themselves where nothing is frequent', () => {
    const ids = Uint16Array.of(1, 2, 3, 2, 1, 1, 1);
    expect(pairSymbols(ids, VOCAB, 5)).toEqual({ symbols: ids, pairs: [] });
    expect(pairSymbols(new Uint16Array(), VOCAB)).toEqual({
      symbols: new Uint16Array(),
      pairs: [],
    });
  });

  it('leave runs of one token alone', () => {
    const ids = new Uint16Array(101).fill(7);
    expect(spelled(pairSymbols(ids, VOCAB))).toEqual([...ids]);
  });
});

describe('the bytes of symbols', () => {
  it('have pairs, ranks and two bytes a symbol, the upper ones apart in their first three bits', () => {
    const bytes = symbolBytes({ symbols: Uint16Array.of(9, 50, 9, 3), pairs: [[9, 3]] }, VOCAB);
    const view = new DataView(bytes.buffer);
    expect([view.getUint32(0, true), view.getUint32(4, true)]).toEqual([1, 3]);
    const numbers = [9, 3, 9, 3, 50]; // The pair, then symbols by rank.
    expect(numbers.map((_, i) => view.getUint16(8 + 2 * i, true))).toEqual(numbers);
    expect([...bytes.subarray(8 + 2 * numbers.length)]).toEqual([0, 0, 0, 2, 0, 0, 0, 1]);
    const many = Uint16Array.from({ length: 600 }, (_, i) => i);
    const upper = symbolBytes({ symbols: many, pairs: [] }, 600).filter(
      (_, i) => i >= 8 + 1200 && i % 2 === 0,
    );
    expect([upper[0], upper[256], upper[512]]).toEqual([0, 32, 64]);
  });

  it('are packed into far fewer', async () => {
    const packed = await packTokens(text(4, 20_000), VOCAB);
    expect([...packed.subarray(0, 6)]).toEqual([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]);
    expect(packed.length).toBeLessThan(6000);
  });
});

describe('a stream with too much text', () => {
  const END = 0;
  const stream = Uint16Array.of(END, 1, 1, END, 2, END, 3, 3, 3, END, 4, 4, END);

  it('keeps whole documents in their order, each after an end of text and one after the last', () => {
    for (let seed = 0; seed < 20; seed++) {
      const out = thinned(stream, END, 9, seed);
      expect(out.length).toBeLessThanOrEqual(9);
      expect(out.join(' ')).toMatch(/^(0 1 1 )?(0 2 )?(0 3 3 3 )?(0 4 4 )?0$/);
      expect(out.length).toBeGreaterThan(5);
    }
    const kept = new Set([...Array(20).keys()].map((seed) => thinned(stream, END, 6, seed).join()));
    expect(kept.size).toBeGreaterThan(1);
  });

  it('is left alone where there is not', () => {
    expect(thinned(stream, END, stream.length, 1)).toBe(stream);
  });
});
