import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seenPieces } from '../../../extension/text/pieces';

const seen = (text: string, start: number, end: number) =>
  seenPieces(text, { start, end }).map(({ start, end }) => text.slice(start, end));

it('leaves out line breaks, indentation and blanks at line ends', () => {
  const text = 'if x:  \n    y = 1\n\n\tz';
  expect(seen(text, 0, text.length)).toEqual(['if x:', 'y = 1', 'z']);
  expect(seen(text, 5, 12)).toEqual([]);
  expect(seen(text, 10, 13)).toEqual(['y']);
  expect(seen(text, 13, 16)).toEqual([' = ']);
});

it('leaves out nothing else', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\t', '=') });
  fc.assert(
    fc.property(text, fc.nat(), fc.nat(), (text, a, b) => {
      const [start, end] = [a, b].map((n) => n % (text.length + 1)).sort((x, y) => x - y);
      const pieces = seenPieces(text, { start, end });
      const covered = (i: number) => pieces.some((piece) => piece.start <= i && i < piece.end);
      for (let i = start; i < end; i++) if (text[i].trim() !== '') expect(covered(i)).toBe(true);
      for (const piece of pieces) expect(text.slice(piece.start, piece.end)).not.toMatch(/^\n|\n$/);
    }),
  );
});
