/** Concepts of strings and comments. */
import type { TokenFacts } from '../../syntax/facts';
import type { Leaf } from '../../syntax/leaves';
import { inside, inText, parentType, type Concept } from './concept';

/** Whether the token is text within a string, its end quote included and its holes not. */
const inString = ({ leaf }: TokenFacts): boolean =>
  leaf !== null && /^(string_content|string_end|escape_sequence)$/.test(leaf.type);

/** The token's leaf where it is the end quote of a string or its content. */
const quoteOf = (token: TokenFacts): string => {
  // Within the content the end quote is further on: the opening one stood before.
  const { quoteBefore } = token;
  if (!inString(token) || !quoteBefore) return '';
  const { type, text } = quoteBefore;
  return type === 'string_start' ? text.replace(/^\w*/, '') : text;
};

const isDocstring = (leaf: Leaf | null): boolean => {
  const above = leaf?.ancestors ?? [];
  const at = above.findLastIndex(({ type }) => type === 'string');
  return at > 0 && above[at - 1].type === 'expression_statement';
};

export const STRINGS: readonly Concept[] = [
  inText(
    'inside a string',
    'The token is within a string, its end quote included.',
    'x = "«a b»" + c',
    inString,
  ),
  inText(
    "inside '…' string",
    'The token is within a string in single quotes.',
    "x = '«a b»' + c",
    (token) => quoteOf(token) === "'",
  ),
  inText(
    'inside "…" string',
    'The token is within a string in double quotes.',
    'x = "«a b»" + c',
    (token) => quoteOf(token) === '"',
  ),
  inText(
    'inside a triple-quoted string',
    'The token is within a string in three quotes.',
    'x = """«a b»""" + c',
    (token) => quoteOf(token).length === 3,
  ),
  inText(
    'inside a docstring',
    'The token is within a string that is a statement of its own.',
    'def f():\n    """«a b»"""\n    pass',
    (token) => inString(token) && isDocstring(token.leaf),
  ),
  inText(
    'inside an f-string',
    'The token is within a string that begins with f, its holes included.',
    'x = f"«a »{b}" + c',
    (token) => inside(token, 'string') && fString(token),
  ),
  inText(
    'in the hole of an f-string',
    'The token is between the braces of an f-string.',
    'x = f"a {«b»}" + c',
    (token) => inside(token, 'interpolation'),
  ),
  inText('a string’s opening quote', 'The token begins a string.', 'x =« "»a"', ({ leaves }) =>
    leaves.some(({ type }) => type === 'string_start'),
  ),
  inText('a string’s closing quote', 'The token ends a string.', 'x = "a«"»', ({ leaves }) =>
    leaves.some(({ type }) => type === 'string_end'),
  ),
  inText(
    'inside a comment',
    'The token is within a comment.',
    'x = y  #« a b»\nz = x',
    ({ leaf }) => leaf?.type === 'comment',
  ),
  inText(
    'a string as argument',
    'The token is within a string that is an argument of a call.',
    'f("«a»", b)',
    (token) => {
      const at = token.ancestors.findLastIndex(({ type }) => type === 'string');
      return inString(token) && at > 0 && token.ancestors[at - 1].type === 'argument_list';
    },
  ),
  inText(
    'a key of a dict that is a string',
    'The token is within a string before the colon of a dict.',
    'x = {"«a»": b}',
    (token) => {
      const at = token.ancestors.findLastIndex(({ type }) => type === 'string');
      return inString(token) && at > 0 && token.ancestors[at].field === 'key';
    },
  ),
  inText(
    'after a backslash',
    'The token is an escape within a string.',
    'x = "a«\\n»b"',
    (token) => token.leaf?.type === 'escape_sequence' || parentType(token) === 'escape_sequence',
  ),
];

function fString(token: TokenFacts): boolean {
  const own = token.leaf?.type === 'string_start' ? token.leaf : token.quoteBefore;
  return own?.type === 'string_start' && /^\w*[fFtT]\w*/.test(own.text);
}
