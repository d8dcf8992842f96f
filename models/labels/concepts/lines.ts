/** Concepts of lines, indentation and blocks. */
import type { TokenFacts } from '../../syntax/facts';
import { inText, type Concept } from './concept';

const blocks = ({ ancestors }: TokenFacts): number =>
  ancestors.filter(({ type }) => type === 'block').length;
const indented = (columns: number): Concept =>
  inText(
    `line indented by ${columns}`,
    `The token’s line begins with ${columns} blanks.`,
    `${nest(columns)}«x = y»`,
    (token) => token.line.indent === columns && token.word !== '',
  );
const nest = (columns: number): string =>
  Array.from({ length: columns / 4 }, (_, i) => `${' '.repeat(4 * i)}if a:\n`).join('') +
  ' '.repeat(columns);

export const LINES: readonly Concept[] = [
  inText(
    'first of its line',
    'Only blanks stand before the token in its line.',
    '«x» = y',
    (token) => token.firstOfLine && token.word !== '',
  ),
  inText(
    'last of its line',
    'Only blanks stand after the token in its line.',
    'x =« y»',
    (token) => token.lastOfLine && token.word !== '',
  ),
  inText(
    'line indented by 0',
    'The token’s line begins without a blank.',
    'if a:\n    b\n«x = y»',
    (token) => token.line.indent === 0 && token.word !== '',
  ),
  ...[4, 8, 12].map(indented),
  inText(
    'in a block',
    'The token is in the body of some statement.',
    'if a:\n    «x = y»',
    (token) => blocks(token) >= 1 && token.word !== '',
  ),
  inText(
    'two blocks deep or more',
    'The token is in a body within a body.',
    'if a:\n    if b:\n        «x = y»',
    (token) => blocks(token) >= 2 && token.word !== '',
  ),
  inText(
    'three blocks deep or more',
    'The token is in a body within a body within a body.',
    'if a:\n    if b:\n        if c:\n            «x = y»',
    (token) => blocks(token) >= 3 && token.word !== '',
  ),
  inText(
    'line end after a colon',
    'The token ends a line whose last sign is a colon.',
    'if a:«\n    »x',
    (token) => token.text.includes('\n') && token.previous?.word.endsWith(':') === true,
  ),
  inText(
    'line end within brackets',
    'The token is a line end while a bracket is open.',
    'f(a,«\n»    b)',
    (token) => token.text.includes('\n') && token.brackets !== '',
  ),
  inText(
    'blank line',
    'The token has two line feeds or more.',
    'x = y«\n\n»z = x',
    (token) => token.text.split('\n').length > 2,
  ),
  inText(
    'line after a header',
    'The line before the token’s ends with a colon.',
    'if a:\n    «x = y»\n    z = x',
    (token) => token.above?.word.endsWith(':') === true,
  ),
];
