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

/** Facts of a text, whose marks « » are taken out, and whether each token has a part between them. */
function marked(example: string): { facts: TokenFacts[]; inside: boolean[] } {
  const spans: [number, number][] = [];
  let text = '';
  for (const part of example.split(/(?=[«»])/)) {
    if (part.startsWith('«')) spans.push([text.length, Infinity]);
    else if (part.startsWith('»')) spans.at(-1)![1] = text.length;
    text += part.replace(/^[«»]/, '');
  }
  const { starts, ends } = tokenizer.encode(text);
  const facts = parser.parse(text, (tree) => tokenFacts(tree, text, { starts, ends }));
  const inside = facts.map((_, i) => spans.some(([from, to]) => ends[i] > from && starts[i] < to));
  return { facts, inside };
}

it('has at least 110 concepts, each with a name of its own', () => {
  expect(CONCEPTS.length).toBeGreaterThanOrEqual(110);
  expect(new Set(CONCEPTS.map(({ name }) => name)).size).toBe(CONCEPTS.length);
});

it('has no name that denies something, for labels say "not" before it', () => {
  const denies = /\b(not|no|non|none|never|without|neither|un(?!der)\w+)\b/i;
  const themselves = ['the word not', 'the word None', 'begins with an underscore'];
  const names = CONCEPTS.map(({ name }) => name).filter((name) => !themselves.includes(name));
  expect(names.filter((name) => denies.test(name))).toEqual([]);
});

describe.each(CONCEPTS.map((concept) => [concept.name, concept] as const))('%s', (_, concept) => {
  it('holds where its example says, and not everywhere', () => {
    const { facts, inside } = marked(concept.example);
    const words = facts.map((fact, i) => ({
      text: fact.text,
      holds: concept.holds(fact),
      inside: inside[i],
    }));
    expect(words.filter((word) => word.inside && !word.holds)).toEqual([]);
    expect(words.some((word) => word.inside)).toBe(true);
    expect(words.some((word) => !word.holds)).toBe(true);
  });
});
