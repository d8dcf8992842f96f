import { describe, expect, it } from 'vitest';
import { copiedOf, COPY_ROLES, copyPrompts, NAME_LENGTHS } from '../../../models/tasks/copyPrompts';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { Rng } from '../../../models/random';
import { generateProgram } from '../../../models/training/idioms';
import { isHeldOutName, WideNames } from '../../../models/training/idioms/wideNames';
import { hasPython, pythonErrors } from '../idioms/syntax';

const tokenizer = Tokenizer.load('models/bundles/python-sparse/tokenizer.json');
const kinds = COPY_ROLES.flatMap((role) => NAME_LENGTHS.map((length) => [role, length] as const));

describe.each(kinds)('prompts to copy: %s, %s', (role, length) => {
  const prompts = copyPrompts(tokenizer, role, length, 60, 1);
  const answers = prompts.map(({ text, start, end }) => text.slice(start, end));
  const names = answers.map((answer) => answer.trimStart());

  it('ask for a name that stands before, which one token or several make', () => {
    for (const [i, { text, start, end }] of prompts.entries()) {
      expect(text.slice(0, start)).toMatch(new RegExp(`\\b${names[i]}\\b`));
      const { starts, ends } = tokenizer.encode(text);
      const inside = [...starts.keys()].filter((at) => ends[at] > start && starts[at] < end);
      const tokens = inside.map((at) => text.slice(starts[at], ends[at]));
      expect(tokens.join('')).toBe(answers[i]);
      expect(answers[i]).toMatch(/^ ?[a-z]/);
      expect(length === 'one token' ? tokens.length === 1 : tokens.length > 1, names[i]).toBe(true);
    }
    expect(new Set(names).size).toBeGreaterThan(length === 'one token' ? 15 : 55);
  });

  it('are judged from the first token with a letter of the name', () => {
    for (const prompt of prompts) {
      const tokens = tokenizer.encode(prompt.text);
      const letter = prompt.start + prompt.text.slice(prompt.start).search(/[a-z]/);
      const named = tokens.ends.findIndex((end) => end > letter);
      const likeliest = new Uint16Array(tokens.ids.length);
      const first = (ranks: Uint16Array) =>
        copiedOf({ tokens, ranks, likeliest }, prompt, tokenizer).first;
      const ranks = new Uint16Array(tokens.ids.length).fill(9);
      expect(first(ranks.with(named, 0)), prompt.text).toBe(true);
      expect(first(ranks.fill(0).with(named, 9)), prompt.text).toBe(false);
    }
  });

  it('have names that no training program has', () => {
    expect(names.filter((name) => !isHeldOutName(name))).toEqual([]);
    const wide = new WideNames(tokenizer, []);
    const programs = Array.from({ length: 1500 }, (_, i) =>
      generateProgram(new Rng('copying', i), i % 2 === 0 ? wide : null),
    );
    const code = programs.join('\n').replace(/#.*|""".*?"""|"[^"\n]*"|'[^'\n]*'/g, '');
    const taught = new Set(code.match(/(?<![.\w])[a-z]\w*/g));
    expect(names.filter((name) => taught.has(name))).toEqual([]);
  });

  it('follow from the seed', () => {
    expect(copyPrompts(tokenizer, role, length, 60, 1)).toEqual(prompts);
    expect(copyPrompts(tokenizer, role, length, 60, 2)).not.toEqual(prompts);
  });

  it.skipIf(!hasPython)('are Python once the answer is there', () => {
    const whole = prompts.map(({ text }) =>
      text.endsWith(', ') ? `${text}**more)\n` : text.endsWith(':\n') ? `${text}    pass\n` : text,
    );
    expect(pythonErrors(whole)).toBe('');
  });
});

it('end with the token after the name, so that its end can be judged', () => {
  for (const [role, length] of kinds) {
    for (const { text, end } of copyPrompts(tokenizer, role, length, 20, 3)) {
      expect(text.slice(end)).toMatch(/^[\n:),]/);
      expect([...tokenizer.encode(text).ends], text).toContain(end);
    }
  }
});

describe('a name is copied', () => {
  const [prompt] = copyPrompts(tokenizer, 'swap', 'many tokens', 1, 1);
  const tokens = tokenizer.encode(prompt.text);
  const first = tokens.starts.indexOf(prompt.start);
  const after = tokens.starts.indexOf(prompt.end);
  const id = (text: string) => tokenizer.encodeIds(text)[0];
  /** Ranks that are 0 within the name and 9 elsewhere, but for those given by place. */
  const judged = (wrong: number[], next: string) => {
    const ranks = new Uint16Array(tokens.ids.length).fill(9);
    for (let i = first; i < after; i++) ranks[i] = wrong.includes(i) ? 1 : 0;
    const likeliest = new Uint16Array(tokens.ids.length).fill(id('x'));
    likeliest[after] = id(next);
    return copiedOf({ tokens, ranks, likeliest }, prompt, tokenizer);
  };

  it('when all of its tokens are the likeliest and then no other goes on with it', () => {
    expect(after - first).toBeGreaterThan(1);
    expect(judged([], '\n')).toEqual({ first: true, whole: true });
    expect(judged([], '_')).toEqual({ first: true, whole: false });
    expect(judged([after - 1], '\n')).toEqual({ first: true, whole: false });
    expect(judged([first], '\n')).toEqual({ first: false, whole: false });
  });
});
