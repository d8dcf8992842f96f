import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitText } from '../../../models/tokenizer/pattern';

test.each([
  ['for x in xs:\n        y', ['for', ' x', ' in', ' xs', ':', '\n        ', 'y']],
  ['def f(self, b=None):\n', ['def', ' f', '(', 'self', ',', ' b', '=None', '):', '\n']],
  ['a\n\n\n    b', ['a', '\n\n\n    ', 'b']],
  ['a  \n  # c', ['a', '  \n  ', '#', ' c']],
  ['a\r\n\tb', ['a', '\r\n\t', 'b']],
  ['x   = 1234', ['x', '  ', ' =', ' 123', '4']],
  ['snake_case.add("x")', ['snake', '_case', '.add', '("', 'x', '")']],
  ["open(n, 'r')", ['open', '(', 'n', ',', " '", 'r', "')"]],
  ['[[1, 2], [3]]', ['[[', '1', ',', ' 2', '],', ' [', '3', ']]']],
  ['é_ß x̄', ['é', '_ß', ' x', '̄']],
])('%j falls into pieces', (text, pieces) => {
  expect(splitText(text)).toEqual(pieces);
});

test('the pieces of any text are the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(splitText(text).join('')).toBe(text);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('long runs of blanks take linear time', () => {
  const start = performance.now();
  expect(splitText(' '.repeat(200_000) + 'x').length).toBe(2);
  expect(performance.now() - start).toBeLessThan(2000);
});
