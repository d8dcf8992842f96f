import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SourceText } from '../../../extension/text/sourceText';
import { escapeMarkdown, visible } from '../../../extension/text/visible';
import { followToken, tokenAt } from '../../../extension/trace/tokens';
import { offsetAt, placeOf } from '../../../models/cli/text';
import { TextTokens } from '../../../models/inference/textTokens';
import { windowOf, windowsOf } from '../../../models/inference/windows';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { applyEdit, edits, SEED, texts } from './arbitraries';

const tokenizer = Tokenizer.load('models/bundles/python-sparse/tokenizer.json');
const options = { seed: SEED, numRuns: 150 };
const wellFormed = (text: string) => Buffer.from(text, 'utf8').toString('utf8');

describe('any text', () => {
  it('is the text of its tokens, whose ranges follow one another', () => {
    fc.assert(
      fc.property(texts(), (text) => {
        const { ids, starts, ends } = tokenizer.encode(text);
        expect(tokenizer.decode(ids)).toBe(wellFormed(text));
        expect([0, ...ends]).toEqual([...starts, text.length].slice(0, ids.length + 1));
        expect(ids).not.toContain(tokenizer.endOfText);
        expect(tokenizer.encodeIds(text)).toEqual(ids);
        for (let i = 0; i < ids.length; i++) expect(starts[i]).toBeLessThanOrEqual(ends[i]);
      }),
      options,
    );
  });

  it('has the tokens that it has in a tokenizer which saw nothing before', () => {
    const fresh = () => Tokenizer.load('models/bundles/python-sparse/tokenizer.json');
    fc.assert(
      fc.property(texts(10), (text) => {
        expect(tokenizer.encode(text)).toEqual(fresh().encode(text));
      }),
      { ...options, numRuns: 30 },
    );
  });

  it('has one token at every place, the same for the editor and for the worker', () => {
    fc.assert(
      fc.property(texts(), (text) => {
        const encoding = tokenizer.encode(text);
        const tokens = new TextTokens(encoding, tokenizer.endOfText, 8);
        for (let offset = 0; offset < text.length; offset++) {
          const found = tokens.locate({ offset });
          expect(found).toBe(encoding.ends.findIndex((end) => end > offset));
          expect(tokenAt(encoding, offset)).toBe(found);
        }
        expect(tokens.locate({ offset: text.length })).toBe(tokens.count - 1);
        expect(() => tokens.locate({ offset: text.length + 1 })).toThrow(/^offset \d+ is not in/);
      }),
      options,
    );
  });

  it('has places that lead back to themselves, on the command line as in the editor', () => {
    fc.assert(
      fc.property(texts(), (document) => {
        const source = new SourceText(document);
        const { text } = source;
        expect(text).not.toContain('\r');
        const lines = document.split(/\r\n|\r|\n/);
        expect(text.split('\n')).toEqual(lines);
        for (let offset = 0; offset < text.length; offset++) {
          const place = source.placeAt(offset);
          expect(source.offsetAt(place)).toBe(offset);
          expect(lines[place.line].slice(place.character)).toBe(
            text.slice(offset).split('\n', 1)[0],
          );
          const { line, column } = placeOf(text, offset);
          expect({ line: line - 1, character: column - 1 }).toEqual(place);
          expect(offsetAt(text, line, column, 'f')).toBe(offset);
        }
      }),
      options,
    );
  });

  it('is harmless in Markdown, and nothing of it is invisible', () => {
    fc.assert(
      fc.property(texts(), (text) => {
        expect(escapeMarkdown(text)).toMatch(/^(&#\d+;|[A-Za-z0-9])*$/);
        expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
      options,
    );
  });
});

describe('a token after edits', () => {
  it('is the same token, in the same order, or gone', () => {
    fc.assert(
      fc.property(texts(), edits(3), (text, changes) => {
        const before = tokenizer.encodeIds(text);
        const after = tokenizer.encodeIds(changes.reduce(applyEdit, text));
        const now = Array.from(before.keys(), (token) => followToken(token, before, after));
        const left = now.filter((token) => token !== undefined);
        now.forEach((token, i) => {
          if (token !== undefined) expect(after[token]).toBe(before[i]);
        });
        expect(left).toEqual([...new Set(left)].sort((a, b) => a - b));
        if (tokenizer.decode(before) === tokenizer.decode(after)) expect(left).toEqual(now);
      }),
      options,
    );
  });
});

describe('windows', () => {
  const sizes = { count: fc.nat(300), context: fc.integer({ min: 2, max: 40 }) };

  it('own every token once, with half a context before it or the start of the text', () => {
    fc.assert(
      fc.property(sizes.count, sizes.context, (count, context) => {
        const half = Math.floor(context / 2);
        const windows = windowsOf(count, context);
        const owned = windows.flatMap(({ ownStart, end }) =>
          Array.from({ length: end - ownStart }, (_, i) => ownStart + i),
        );
        expect(owned).toEqual(Array.from({ length: count + 1 }, (_, i) => i - 1));
        for (const { start, ownStart, end } of windows) {
          expect(end - start).toBeLessThanOrEqual(context);
          expect(start === -1 || ownStart - start >= half).toBe(true);
        }
      }),
      options,
    );
  });

  it('of a range are those that own its tokens', () => {
    const places = fc.tuple(fc.nat(300), fc.nat(300)).map((pair) => pair.sort((a, b) => a - b));
    fc.assert(
      fc.property(places, sizes.context, ([a, b], context) => {
        const range = { start: a - 1, end: b };
        const windows = windowsOf(300, context, range);
        for (let token = range.start; token < range.end; token++) {
          const own = windows.filter((w) => w.ownStart <= token && token < w.end);
          expect(own).toEqual([windowOf(token, 300, context)]);
        }
      }),
      options,
    );
  });
});
