import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONCEPTS } from '../../../models/labels/concepts';
import { tokenFacts, type TokenFacts } from '../../../models/syntax/facts';
import { PythonParser } from '../../../models/syntax/parser';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';

const tokenizer = Tokenizer.load('models/bundles/python-sparse/tokenizer.json');
let parser: PythonParser;
beforeAll(async () => {
  parser = await PythonParser.load();
});
afterAll(() => parser.release());
function factsOf(text: string): TokenFacts[] {
  const { starts, ends } = tokenizer.encode(text);
  return parser.parse(text, (tree) => tokenFacts(tree, text, { starts, ends }));
}
/** Words of the tokens for which a concept holds. */
const holding = (text: string, name: string) => {
  const concept = CONCEPTS.find((each) => each.name === name)!;
  return factsOf(text).filter(concept.holds).map(({ word }) => word); // prettier-ignore
};

describe('modern Python is understood', () => {
  it.each([
    ['x = t"a{b}c"'],
    ['x[*a]'],
    ['with (a as b, c as d):\n    pass'],
    ['@a[0].b(1)\ndef f(): pass'],
    ['\x0cdef f(): pass'],
    ['f = lambda *a, **k: (yield)'],
    ['match x:\n    case [1, *r]: pass'],
    ['try:\n    pass\nexcept* E:\n    pass'],
    ['print(f"{x!r:>{w}} {f"{y}"}")'],
    ['def f(a, /, b, *, c): ...'],
  ])('%s', (text) => {
    expect(holding(`${text}\n`, 'in a syntax error')).toEqual([]);
  });
});

describe('text that does not parse', () => {
  it('has its strings, brackets and words all the same', () => {
    const text = 'x = = foo(["a b", 1\nif y:\n    z = )\n';
    expect(holding(text, 'inside a string')).toContain('b');
    expect(holding(text, 'two brackets deep or more')).toContain('1');
    expect(holding(text, 'the word if')).toEqual(['if']);
  });

  it('never stops a concept, whatever the text is', () => {
    const pieces = [
      'def ',
      'x',
      '(',
      ')',
      '[',
      '"',
      "'",
      'f"{',
      '}',
      '\n',
      '    ',
      ':',
      '#',
      '🙂',
      '\\',
      '\t',
      '=',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (parts) => {
        for (const fact of factsOf(parts.join(''))) for (const { holds } of CONCEPTS) holds(fact);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe('facts', () => {
  it('cover the text token by token', () => {
    for (const name of readdirSync('samples').filter((each) => each.endsWith('.py'))) {
      const text = readFileSync(join('samples', name), 'utf8');
      expect(factsOf(text).map((fact) => fact.text).join('')).toBe(text); // prettier-ignore
    }
  });

  it('tell the roles of names', () => {
    const text =
      'def area(width, scale=2):\n    total = width * scale\n    return shape.size(total, unit=width)\n';
    const roles = factsOf(text).filter(({ piece }) => piece === 0);
    const role = (word: string) =>
      roles.filter((fact) => fact.leaf?.text === word).map((fact) => fact.role);
    expect(role('area')).toEqual(['function']);
    expect(role('width')).toEqual(['parameter', 'used', 'used']);
    expect(role('scale')).toEqual(['parameter', 'used']);
    expect(role('total')).toEqual(['assigned', 'used']);
    expect(role('size')).toEqual(['attribute']);
    expect(role('unit')).toEqual(['keyword argument']);
    expect(roles.filter(({ bound }) => bound).map((fact) => fact.leaf?.text)).toEqual(
      ['width', 'scale', 'total', 'width'], // prettier-ignore
    );
  });

  it('do not take an augmented name or a default for a binding', () => {
    expect(holding('a, (b, *c) = d\n', 'a name that is bound here')).toEqual(['a', 'b', 'c']);
    expect(holding('a.b[c] = d\n', 'a name that is bound here')).toEqual([]);
    expect(holding('[q for q, r in s]\n', 'a name that is bound here')).toEqual(['q', 'r']);
  });
});

it('ask of no token to look back further the longer what it is in: a long string is not read again for each', () => {
  const readsFor = (words: number) => {
    const facts = factsOf(`x = {"a": f("""${'lorem ipsum '.repeat(words)}""")}\n`);
    let reads = 0;
    for (const fact of facts) {
      const { previous } = fact;
      Object.defineProperty(fact, 'previous', { get: () => (reads++, previous) });
    }
    const last = facts.findLast(({ word }) => word === 'm')!;
    for (const { holds } of CONCEPTS) holds(last);
    return reads;
  };
  expect(readsFor(200)).toBe(readsFor(20));
});
