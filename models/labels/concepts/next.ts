/** Concepts of what comes next: predicates on the token after this one. */
import type { TokenFacts } from '../../syntax/facts';
import { inText, type Concept } from './concept';

/** The next token that is not blanks alone. */
function nextInk({ next }: TokenFacts): TokenFacts | null {
  let at = next;
  while (at && /^[ \t]*$/.test(at.text)) at = at.next;
  return at;
}

const nextIs = (
  name: string,
  what: string,
  example: string,
  holds: (next: TokenFacts) => boolean,
): Concept =>
  inText(`before ${name}`, `The next token is ${what}.`, example, (token) => {
    const next = nextInk(token);
    return next !== null && holds(next);
  });
const nextWord = (word: string, example: string): Concept =>
  nextIs(
    word,
    `\`${word}\``,
    example,
    (next) => next.word === word || (word === '.' && next.word.startsWith('.')),
  );

export const NEXT: readonly Concept[] = [
  nextWord(':', 'if« x»:\n    y = z'),
  nextWord(',', 'f(«x», y)'),
  nextWord('=', '«x» = y'),
  nextWord('.', 'y =« x».z'),
  nextWord('in', 'for« x» in y: z'),
  nextWord('as', 'with« x» as y: z'),
  nextWord('self', 'x = y« +» self'),
  nextIs('a line end', 'a line end', 'x =« y»\nz = x', (next) => next.text.includes('\n')),
  nextIs('an opening bracket', 'an opening bracket', 'x =« f»(y)', (next) =>
    /^[([{]/.test(next.word),
  ),
  nextIs('a closing bracket', 'a closing bracket', 'f(«x»)', (next) => /^[)\]}]/.test(next.word)),
  nextIs('a quote', 'a quote', 'x« =» "y"', (next) => /^\w?["']/.test(next.word)),
  nextIs('a name', 'a name', 'x« =» y', (next) => next.role !== null && next.piece === 0),
  nextIs(
    'a keyword argument',
    'the name of a keyword argument',
    'f(x«,» y=z)',
    (next) => next.role === 'keyword argument',
  ),
  nextIs('a number', 'a number', 'x« =» 3', (next) => /^\d/.test(next.word)),
  nextIs(
    'a comment',
    'a comment',
    'x =« y»  # z',
    (next) => next.leaf?.type === 'comment' || next.word.startsWith('#'),
  ),
];
