import { describe, expect, it } from 'vitest';
import { Rng } from '../../../models/random';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { generateProgram } from '../../../models/training/idioms';
import { isHeldOutName, WideNames } from '../../../models/training/idioms/wideNames';
import { firstError, hasPython, pythonErrors } from './syntax';

const tokenizer = Tokenizer.load('models/bundles/python-sparse/tokenizer.json');
const identifiers = Array.from({ length: 200 }, (_, i) => `known_${i}`);
const wide = new WideNames(tokenizer, identifiers);

describe('wide names', () => {
  const names = Array.from({ length: 4000 }, (_, i) => wide.propose(new Rng('names', i)));

  it('are identifiers of the corpus half the time, else pieces of one token to four and more', () => {
    const known = names.filter((name) => identifiers.includes(name)).length;
    expect(known / names.length).toBeGreaterThan(0.4);
    expect(known / names.length).toBeLessThan(0.6);
    const made = names.filter((name) => !identifiers.includes(name));
    expect(new Set(made).size).toBeGreaterThan(0.75 * made.length);
    const lengths = made.map((name) => tokenizer.encodeIds(` ${name}`).length);
    for (const length of [1, 2, 3, 4]) expect(lengths).toContain(length);
  });

  it('are never keywords, classes or held out', () => {
    expect(names.filter(isHeldOutName)).toEqual([]);
    const bad = ['lambda', 'Upper', 'print', 'a'.repeat(40), 'ok'];
    const one = new WideNames(tokenizer, bad);
    const given = Array.from({ length: 300 }, (_, i) => one.propose(new Rng('bad', i)));
    expect(bad.filter((name) => given.includes(name))).toEqual(['ok']);
  });

  it('leave one name in four for measuring', () => {
    const words = Array.from({ length: 5000 }, (_, i) => `name_${i}`);
    const share = words.filter(isHeldOutName).length / words.length;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.3);
  });
});

describe('programs with wide names', () => {
  const programs = Array.from({ length: 800 }, (_, i) => generateProgram(new Rng('wide', i), wide));
  const text = programs.join('');
  const perThousandLines = (pattern: RegExp) =>
    ((text.match(pattern)?.length ?? 0) * 1000) / (text.split('\n').length - 1);

  it('are Python', () => {
    expect(programs.filter((program) => firstError(program) !== undefined)).toEqual([]);
    if (hasPython) expect(pythonErrors(programs)).toBe('');
  });

  it.each<[string, RegExp, number]>([
    ['fields', /self\.(\w+) = \1$/gm, 40],
    ['swaps', /^ *(\w+), (\w+) = \2, \1$/gm, 14],
    ['returns of what was just bound', /(\w+) = .*\n *return \1$/gm, 8],
    ['keywords', /\b(\w+)=\1[,)]/g, 12],
    ['loops over what was just bound', /^( *)(\w+) = .*\n\1for \w+ in \2:$/gm, 2],
  ])('copy names in %s', (_name, pattern, least) => {
    expect(perThousandLines(pattern)).toBeGreaterThan(least);
  });

  it('have few names of the word lists', () => {
    const fields = [...text.matchAll(/self\.(\w+) = \1$/gm)].map((match) => match[1]);
    expect(new Set(fields).size).toBeGreaterThan(0.4 * fields.length);
  });
});
