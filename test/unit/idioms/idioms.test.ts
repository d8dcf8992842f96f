import { describe, expect, it, test } from 'vitest';
import { Rng } from '../../../models/random';
import { generateProgram } from '../../../models/training/idioms';
import { firstError, hasPython, pythonErrors } from './syntax';

const programs = Array.from({ length: 2000 }, (_unused, i) => generateProgram(new Rng('test', i)));
const text = programs.join('');
const lines = text.split('\n').length - 1;

describe('generated programs', () => {
  it('parse by the Lezer grammar', () => {
    const bad = programs.filter((program) => firstError(program) !== undefined);
    expect(bad).toEqual([]);
  });

  it.skipIf(!hasPython)('parse by Python itself', () => {
    expect(pythonErrors(programs)).toBe('');
  });

  it('follow from the seed', () => {
    const again = generateProgram(new Rng('test', 7));
    expect(again).toBe(programs[7]);
  });

  it('hardly ever repeat', () => {
    expect(new Set(programs).size).toBeGreaterThan(1990);
  });

  it('have the length of exercises', () => {
    const lengths = programs.map((p) => p.split('\n').length - 1).sort((a, b) => a - b);
    expect(lengths[100]).toBeGreaterThanOrEqual(5);
    expect(lengths[1000]).toBeGreaterThan(12);
    expect(lengths[1000]).toBeLessThan(30);
    expect(lengths[1900]).toBeLessThan(65);
  });

  it('are laid out as PEP 8 asks', () => {
    for (const program of programs) {
      expect(program).toMatch(/[^\n]\n$/);
      expect(program).not.toMatch(/[ \t]\n|\n{4}|\t/);
      expect(program).not.toMatch(/[^\n]\n\n?(?:def|class) /);
    }
  });

  it('grow only what is bound above', () => {
    for (const program of programs) {
      for (const m of program.matchAll(/^ *([a-z_]\w*)(?:\.add\(| \+= )/gm)) {
        const bound = new RegExp(`\\b${m[1]}(?:, \\w+)*(?: ?=| in |[,):])`);
        expect(program.slice(0, m.index), `${m[1]} in\n${program}`).toMatch(bound);
      }
    }
  });
});

/** Lines or places that a behaviour of a task needs, and how many a thousand lines must have. */
const behaviours: readonly [string, RegExp, number][] = [
  ['single_double_quote: single', /'\)$/gm, 25],
  ['single_double_quote: double', /"\)$/gm, 25],
  ['bracket_counting: flat', /= \[[^[\]]*\]$/gm, 15],
  ['bracket_counting: nested', /\]\]/g, 9],
  ['set_or_string: set bound', /= set\(\)$/gm, 18],
  ['set_or_string: set grown', /\.add\(/g, 14],
  ['set_or_string: string bound', /= (?:""|'')$/gm, 18],
  ['set_or_string: string grown', /^ *\w+ \+= /gm, 18],
  ['class_init', /self\.(\w+) = \1$/gm, 25],
  ['with_as: with', /with open\(.*\) as \w+:$/gm, 12],
  ['with_as: assignment', /= open\(.*\)$/gm, 9],
  ['with_open: read', /open\(.*, ["']r["']\)/g, 9],
  ['with_open: write', /open\(.*, ["']w["']\)/g, 9],
  ['bracket_brace: dict', /[{ ]\d+: /g, 10],
  ['bracket_brace: list', /[[ ]\d+, \d/g, 15],
  ['for_while: for', /^ *for /gm, 30],
  ['for_while: while', /^ *while \w+:$/gm, 15],
  ['else_elif: else', /^ *else:$/gm, 12],
  ['else_elif: elif', /^ *elif /gm, 10],
  ['fstring_brace: f-string', /print\(f["'][^"'{]*\w \{/g, 14],
  ['fstring_brace: plain', /print\((["'])[^"'{]*\w\1\)/g, 14],
  ['if_ternary: if', /^ *if .*:$/gm, 40],
  ['if_ternary: ternary', / if [^\n]* else /g, 14],
  ['var_swap', /^ *([\w.]+), ([\w.]+) = \2, \1$/gm, 14],
  ['indent_for', /^( *)for .*:\n\1 {4}\S/gm, 30],
  ['lambda_func: lambda', /lambda \w+:/g, 12],
  ['lambda_func: def', /^ *def \w+\(/gm, 35],
  ['if_equals: if', /^ *if \w+ ==/gm, 18],
  ['if_equals: statement', /^ *\w+ = /gm, 100],
  ['enumerate_range: enumerate', /for \w+, \w+ in enumerate\(/g, 12],
  ['enumerate_range: range', /for \w+ in range\(/g, 11],
  ['var_if: if', /if \S+ == True:$/gm, 10],
  ['var_if: statement', /^ *\w+ = True$/gm, 10],
  ['while_return_true: while', /^ *while True:$/gm, 10],
  ['while_return_true: return', /^ *return True$/gm, 12],
  ['final_kwarg: default', /=\w+, \w+=None\):$/gm, 5],
  ['final_kwarg: none', /def \w+\([^=\n]*, \w+\):$/gm, 12],
];

describe('behaviours that the tasks ask for', () => {
  test.each(behaviours)('%s is frequent', (_name, pattern, least) => {
    const rate = ((text.match(pattern)?.length ?? 0) * 1000) / lines;
    expect(rate).toBeGreaterThan(least);
  });

  /** What would contradict a rule that a task tests. */
  const violations: readonly [string, RegExp][] = [
    ['a parameter without default after one with', /^ *def .*=[^,\n]*, \w+[,)].*:$/gm],
    ['an f-string that inserts nothing', /print\(f(["'])[^{\n]*\1\)/g],
    ['a plain string with braces', /print\((["'])[^"'\n]*\{\w+\}/g],
    ['another name behind the name', /^ *self\.(\w+) = (?!\1$)(?!True|False|None)[a-z]\w*$/gm],
  ];
  test.each(violations)('there is never %s', (_name, pattern) => {
    expect([...text.matchAll(pattern)].map((m) => m[0])).toEqual([]);
  });
});
