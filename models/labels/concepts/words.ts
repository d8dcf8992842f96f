/** Concepts of the token's own text: the control for labels that only know the word. */
import { ofToken, type Concept } from './concept';

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));
const KEYWORDS = set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield',
);
const BLOCKS = set('class def elif else except finally for if try while with');
const BUILTINS = set(
  'abs all any bool bytes dict dir enumerate filter float format frozenset getattr hasattr hash id input int isinstance issubclass iter len list map max min next object open ord print property range repr reversed round set setattr sorted staticmethod str sum super tuple type vars zip',
);
const AUGMENTED = set('+= -= *= /= //= %= **= &= |= ^= >>= <<= @=');
const COMPARISON = set('== != < > <= >=');
const ARITHMETIC = set('+ - * / // % ** @');

/** A token without blanks, and without the sign that the tokenizer joins to the word after it. */
const letters = (text: string): string => text.trim().replace(/^[^\p{L}\p{N}_]+(?=[\p{L}_])/u, '');

/** A concept for each of some words: the word itself, with blanks around it or none. */
const wordsThemselves = (words: string, example: (word: string) => string): Concept[] =>
  words
    .split(' ')
    .map((word) =>
      ofToken(
        `the word ${word}`,
        `The token is \`${word}\`.`,
        example(word),
        (text) => letters(text) === word,
      ),
    );

export const WORDS: readonly Concept[] = [
  ofToken('keyword', 'The token is a keyword of Python.', 'x =« not» y', (_, word) =>
    KEYWORDS.has(word),
  ),
  ofToken(
    'keyword that opens a block',
    'The token is `if`, `for`, `def`, `class`, `with`, `try` or the like.',
    '«if» x:\n    pass',
    (text) => BLOCKS.has(letters(text)),
  ),
  ofToken(
    'a builtin’s name',
    'The token is the name of a builtin function or type.',
    'x =« len»(y)',
    (text) => BUILTINS.has(letters(text)),
  ),
  ofToken(
    'True or False',
    'The token is `True` or `False`.',
    'x =« True»',
    (_, word) => word === 'True' || word === 'False',
  ),
  ...wordsThemselves('def class if for while return import from with', (word) => `«${word}» x`),
  ...wordsThemselves('else elif try except', (word) => `«${word}»: x`),
  ...wordsThemselves('in is not and or as', (word) => `x« ${word}» y`),
  ...wordsThemselves('self None', (word) => `x =« ${word}»`),
  ofToken(
    'comparison sign',
    'The token is `==`, `!=`, `<`, `>`, `<=` or `>=`.',
    'if x« ==» y: z',
    (_, word) => COMPARISON.has(word),
  ),
  ofToken(
    'arithmetic sign',
    'The token is `+`, `-`, `*`, `/` or the like.',
    'x = y« +» z',
    (_, word) => ARITHMETIC.has(word),
  ),
  ofToken(
    'augmented assignment sign',
    'The token is `+=`, `-=` or the like.',
    'x« +=» y',
    (_, word) => AUGMENTED.has(word),
  ),
  ofToken('= sign', 'The token is `=`.', 'x« =» y', (_, word) => word === '='),
  ofToken('arrow ->', 'The token is `->`.', 'def f()« ->» int: pass', (_, word) => word === '->'),
  ofToken('opening bracket', 'The token has `(`, `[` or `{` in it.', 'f«(»x)', (_, word) =>
    /[([{]/.test(word),
  ),
  ofToken('closing bracket', 'The token has `)`, `]` or `}` in it.', 'f(x«)»', (_, word) =>
    /[)\]}]/.test(word),
  ),
  ofToken('opening (', 'The token has `(` in it.', 'f«(»x)', (_, word) => word.includes('(')),
  ofToken('opening [', 'The token has `[` in it.', 'f«[»x]', (_, word) => word.includes('[')),
  ofToken('opening {', 'The token has `{` in it.', 'f =« {»x}', (_, word) => word.includes('{')),
  ofToken('comma', 'The token is `,`.', 'f(x«,» y)', (_, word) => word === ','),
  ofToken('colon', 'The token has `:` in it.', 'if x«:»\n    pass', (_, word) =>
    word.includes(':'),
  ),
  ofToken('dot', 'The token begins with `.`.', 'x«.»y', (_, word) => word.startsWith('.')),
  ofToken('has a double quote', 'The token has a `"` in it.', 'x =« "»y"', (text) =>
    text.includes('"'),
  ),
  ofToken('has a single quote', "The token has a `'` in it.", "x =« '»y'", (text) =>
    text.includes("'"),
  ),
  ofToken('number', 'The token is made of digits.', 'x =« 7»', (_, word) => /^\d+$/.test(word)),
  ofToken('line end', 'The token has a line feed in it.', 'x«\n»y', (text) => text.includes('\n')),
  ofToken('blanks only', 'The token has blanks only, no line end.', 'x =«  » y', (text) =>
    /^[ \t]+$/.test(text),
  ),
  ofToken('begins with a blank', 'The token is a word with a blank before it.', 'x« y»', (text) =>
    /^ [^ ]/.test(text),
  ),
  ofToken('single letter', 'The token is one letter.', 'foo =« x»', (_, word) =>
    /^[A-Za-z]$/.test(word),
  ),
  ofToken(
    'begins with a capital',
    'The token is a word that begins with a capital letter.',
    'x =« A»',
    (_, word) => /^[A-Z]/.test(word),
  ),
  ofToken('capital letters only', 'The token is capital letters.', 'x =« MAX»', (_, word) =>
    /^[A-Z]+$/.test(word),
  ),
  ofToken('begins with an underscore', 'The token begins with `_`.', 'x =« _»z', (_, word) =>
    word.startsWith('_'),
  ),
  ofToken(
    'letters inside a word',
    'The token is letters without a blank before them.',
    'print«ing» = x',
    (text) => /^[a-z]+$/.test(text),
  ),
];
