/** Concepts of brackets: which are open, how deep, and what they hold. */
import type { TokenFacts } from '../../syntax/facts';
import { inside, inText, parentType, type Concept } from './concept';

const depth = (token: TokenFacts, bracket?: string): number =>
  bracket ? token.brackets.split(bracket).length - 1 : token.brackets.length;
const innermost = (token: TokenFacts): string => token.brackets.at(-1) ?? '';

export const BRACKETS: readonly Concept[] = [
  inText(
    'inside brackets',
    'A bracket is open before the token.',
    'f(«a, b»)',
    (token) => depth(token) > 0,
  ),
  inText(
    'inside ( )',
    'The innermost open bracket is `(`.',
    'f(«a, b»)',
    (token) => innermost(token) === '(',
  ),
  inText(
    'inside [ ]',
    'The innermost open bracket is `[`.',
    'x = [«a, b»]',
    (token) => innermost(token) === '[',
  ),
  inText(
    'inside { }',
    'The innermost open bracket is `{`.',
    'x = {«a, b»}',
    (token) => innermost(token) === '{',
  ),
  inText(
    'two brackets deep or more',
    'Two brackets or more are open before the token.',
    'f(a, g(«b, c»))',
    (token) => depth(token) >= 2,
  ),
  inText(
    'three brackets deep or more',
    'Three brackets or more are open before the token.',
    'f(g(h(«b, c»)))',
    (token) => depth(token) >= 3,
  ),
  inText(
    'two [ deep or more',
    'Two square brackets or more are open before the token.',
    'x = [a, [«b, c»]]',
    (token) => depth(token, '[') >= 2,
  ),
  inText(
    'inside a list',
    'The token is within a list.',
    'x = [«a, b»]',
    (token) => inside(token, 'list') && innermost(token) === '[',
  ),
  inText('inside a dict', 'The token is within a dict.', 'x = {«a: b»}', (token) =>
    inside(token, 'dictionary'),
  ),
  inText(
    'a dict’s value',
    'The token is after the colon of a dict’s entry.',
    'x = {a:« b»}',
    (token) => afterColon(token, 'pair'),
  ),
  inText(
    'inside a tuple',
    'The token is within a tuple in brackets.',
    'x = (a«, b, c»)',
    (token) => inside(token, 'tuple') && innermost(token) === '(',
  ),
  inText(
    'inside a comprehension',
    'The token is within a comprehension or generator.',
    'x = [«a for a in b»]',
    (token) =>
      inside(
        token,
        'list_comprehension',
        'dictionary_comprehension',
        'set_comprehension',
        'generator_expression',
      ),
  ),
  inText(
    'inside a subscript',
    'The token is between the square brackets of a subscript.',
    'x[«a»] = b',
    (token) => inside(token, 'subscript') && innermost(token) === '[',
  ),
  inText('inside a slice', 'The token is within a slice.', 'x[«a:b»]', (token) =>
    inside(token, 'slice'),
  ),
  inText(
    'inside a call’s arguments',
    'The token is within the arguments of a call.',
    'f(«a, b»)',
    (token) => innermost(token) === '(' && inArguments(token),
  ),
  inText(
    'inside a keyword argument',
    'The token is within a keyword argument of a call.',
    'f(a, «b=c»)',
    (token) => inside(token, 'keyword_argument'),
  ),
  inText(
    'first argument of a call',
    'No comma of the call stands before the token.',
    'f(«a», b)',
    (token) => innermost(token) === '(' && inArguments(token) && !token.commaBefore,
  ),
  inText(
    'a later argument of a call',
    'A comma of the call stands before the token.',
    'f(a,« b»)',
    (token) => innermost(token) === '(' && inArguments(token) && token.commaBefore,
  ),
  inText(
    'comma between arguments',
    'The token is a comma between arguments of a call.',
    'f(a«,» b)',
    (token) => token.word === ',' && parentType(token) === 'argument_list',
  ),
  inText(
    'comma between elements',
    'The token is a comma of a list, tuple, set or dict.',
    'x = [a«,» b]',
    (token) => token.word === ',' && /^(list|tuple|set|dictionary)$/.test(parentType(token)),
  ),
];

/** Whether the innermost thing in brackets that the token is in is a call’s arguments. */
function inArguments({ ancestors }: TokenFacts): boolean {
  const at = ancestors.findLastIndex(({ type }) => BRACKETED.has(type));
  return at >= 0 && ancestors[at].type === 'argument_list' && ancestors[at].field === 'arguments';
}

const BRACKETED: ReadonlySet<string> = new Set([
  ...['argument_list', 'parameters', 'list', 'tuple', 'set', 'dictionary', 'subscript'],
  ...[
    'list_comprehension',
    'dictionary_comprehension',
    'set_comprehension',
    'generator_expression',
  ],
  'parenthesized_expression',
]);

/** Whether a colon that is a direct part of the innermost such node stands before the token. */
function afterColon(token: TokenFacts, type: string): boolean {
  const node = token.ancestors.findLast((ancestor) => ancestor.type === type);
  return node !== undefined && (token.colons.get(node.start) ?? Infinity) < token.start;
}
