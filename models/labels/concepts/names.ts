/** Concepts of names: what they are where they stand, and whether they were seen before. */
import type { Role } from '../../syntax/bindings';
import type { TokenFacts } from '../../syntax/facts';
import { inText, parentType, type Concept } from './concept';

const role = (name: Role, title: string, description: string, example: string): Concept =>
  inText(title, description, example, (token) => token.role === name);

/** Whether the token’s word is that of the token some tokens before. */
const sameAs = (token: TokenFacts, back: number): boolean => {
  let at: TokenFacts | null = token;
  for (let i = 0; i < back; i++) at = at?.previous ?? null;
  return at !== null && token.word !== '' && at.word === token.word;
};

/** Whether the same word stands further up within some tokens. */
const seenWithin = (token: TokenFacts, tokens: number): boolean => {
  let at = token.previous;
  for (let i = 0; i < tokens && at; i++, at = at.previous) if (at.word === token.word) return true;
  return false;
};

export const NAMES: readonly Concept[] = [
  inText(
    'a name',
    'The token is part of a name, no keyword.',
    '«x» = 3',
    (token) => token.role !== null,
  ),
  role(
    'parameter',
    'a parameter',
    'The token names a parameter where it is declared.',
    'def f(«a», *«b»): pass',
  ),
  role('attribute', 'an attribute', 'The token is the name after a dot.', 'x.«y» = z'),
  role(
    'function',
    'name of a def',
    'The token names the function that is defined.',
    'def« f»(): pass',
  ),
  role('class', 'name of a class', 'The token names the class that is defined.', 'class« A»: pass'),
  role(
    'keyword argument',
    'name of a keyword argument',
    'The token names the parameter that an argument is for.',
    'f(«a»=b)',
  ),
  role('imported', 'an imported name', 'The token is a name in an import.', 'from« a» import« b»'),
  role(
    'assigned',
    'a name that is bound here',
    'The token is a variable that gets its value here.',
    '«x» = y',
  ),
  role('used', 'a name that is used', 'The token is a name that is read.', 'x =« y»'),
  inText(
    'a name bound further up',
    'The token is a name that was bound further up in the file.',
    'x = 3\ny =« x»',
    (token) => token.bound,
  ),
  inText(
    'a name from elsewhere',
    'The token is a used name that was not bound further up.',
    'x =« y»',
    (token) => token.role === 'used' && !token.bound,
  ),
  inText(
    'called function',
    'The token is the name of what is called.',
    'x =« f»(y)',
    (token) => token.leaf?.field === 'function' && parentType(token) === 'call',
  ),
  inText(
    'called method',
    'The token is the name of a method that is called.',
    'x.«f»(y)',
    ({ leaf }) => leaf?.field === 'attribute' && leaf.ancestors.at(-1)?.field === 'function',
  ),
  inText(
    'object before a dot',
    'The token is the name before a dot.',
    'x =« y».z',
    (token) => token.leaf?.field === 'object' && parentType(token) === 'attribute',
  ),
  inText(
    'a later piece of a name',
    'The token is a later piece of a name that takes several tokens.',
    'x = qqq«zzzqj»',
    (token) => token.role !== null && token.piece > 0,
  ),
  inText(
    'same word as two tokens before',
    'The token’s word is that of the token two before it.',
    'x =« x»',
    (token) => sameAs(token, 2),
  ),
  inText(
    'same word as four tokens before',
    'The token’s word is that of the token four before it.',
    'x = y =« x»',
    (token) => sameAs(token, 4),
  ),
  inText(
    'a name seen in the last 16 tokens',
    'The token is a name whose word stands within the 16 tokens before it.',
    'x = y +« x»',
    (token) => token.role !== null && seenWithin(token, 16),
  ),
  inText(
    'loop variable',
    'The token is a name that a for binds.',
    'for« a» in b: pass',
    (token) =>
      token.leaf?.field === 'left' && /^for_(statement|in_clause)$/.test(parentType(token)),
  ),
  inText('base class', 'The token is among the bases of a class.', 'class A(«B»): pass', (token) =>
    token.ancestors.some(({ field }) => field === 'superclasses'),
  ),
];
