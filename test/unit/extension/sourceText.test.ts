import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SourceText } from '../../../extension/text/sourceText';

it('gives the model line feeds only, and places in CRLF documents', () => {
  const source = new SourceText('def f():\r\n    return 1\r\n');
  expect(source.text).toBe('def f():\n    return 1\n');
  const offset = source.text.indexOf('return');
  expect(source.placeAt(offset)).toEqual({ line: 1, character: 4 });
  expect(source.offsetAt({ line: 1, character: 4 })).toBe(offset);
});

it('reads lone carriage returns as line ends, as the editor does', () => {
  const source = new SourceText('a\rb\r\nc');
  expect(source.text).toBe('a\nb\nc');
  expect(source.placeAt(4)).toEqual({ line: 2, character: 0 });
});

it('takes places beyond a line or the text for their ends', () => {
  const source = new SourceText('ab\ncd');
  expect(source.offsetAt({ line: 0, character: 9 })).toBe(2);
  expect(source.offsetAt({ line: 1, character: 9 })).toBe(5);
  expect(source.offsetAt({ line: 7, character: 0 })).toBe(5);
  expect(new SourceText('').placeAt(0)).toEqual({ line: 0, character: 0 });
});

it('places every offset where it finds it again', () => {
  const text = fc
    .array(fc.constantFrom('a', '😀', '\n', '\r\n', '\r', ' '))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (document) => {
      const source = new SourceText(document);
      for (let offset = 0; offset <= source.text.length; offset++) {
        expect(source.offsetAt(source.placeAt(offset))).toBe(offset);
      }
    }),
  );
});
