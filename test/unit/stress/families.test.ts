/** Families of stress prompts: they fit the model, differ, and hold what they count. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { families } from '../../../models/stress/families';
import { stressPrompts } from '../../../models/stress/family';
import { findTask } from '../../../models/tasks';
import { promptsOf } from '../../../models/tasks/prompts';
import type { Writer } from '../../../models/tasks/writer';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';

const tokenizer = Tokenizer.load(join('models', 'bundles', 'python-sparse', 'tokenizer.json'));

it('has names and answers of its own for each', () => {
  expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
  for (const { task, right, wrong } of families) {
    const [{ a, b }] = findTask(task).pairs(1, 1, 'proof');
    expect([right, wrong].sort()).toEqual([a.answer, b.answer].sort());
  }
});

it.each(families)('$name fits the context from its least to its most', (family) => {
  const { least, most, right, wrong } = family;
  for (const value of [least, least + 1, Math.floor((least + most) / 2), most]) {
    const texts = stressPrompts(family, value, 12, 1);
    expect(new Set(texts).size).toBe(texts.length);
    expect(stressPrompts(family, value, 12, 1)).toEqual(texts);
    expect(stressPrompts(family, value, 12, 2)).not.toEqual(texts);
    const pairs = texts.map((prompt) => ({
      a: { prompt, answer: right },
      b: { prompt, answer: wrong },
    }));
    // Throws where an answer is no token of its own, or a prompt too long.
    expect(promptsOf(pairs, { tokenizer, context: 256 })).toHaveLength(24);
  }
});

/** What each family's prompts hold `value` times more than at their least. */
const COUNTED: Readonly<Record<string, RegExp>> = {
  double_quote_far: / /g,
  single_quote_far: / /g,
  double_quote_between: /'\w+'/g,
  single_quote_between: /"\w+"/g,
  double_quote_lines: /print\('/g,
  single_quote_lines: /print\("/g,
  brackets_in_comment: / \[ /g,
  long_nested_list: /\d+/g,
  long_flat_list: /\d+/g,
  nested_lists_before: /\]\]/g,
  set_far: /^\w+ = \d+$/gm,
  string_far: /^\w+ = \d+$/gm,
  set_among_others: /""/g,
  string_among_others: /set\(\)/g,
  set_among_its_kind: /set\(\)/g,
  string_among_its_kind: /""/g,
  set_rebound: /""/g,
  string_rebound: /set\(\)/g,
};

it.each(families)('$name counts what it says', (family) => {
  const count = (value: number) => {
    const [text] = stressPrompts(family, value, 1, 1);
    // Brackets overlap by their blanks.
    return text.replaceAll(' [', ' [ ').match(COUNTED[family.name])?.length ?? 0;
  };
  expect(count(family.least + 5) - count(family.least)).toBe(5);
});

it('says that a family has fewer prompts than are asked for', () => {
  const [family] = families;
  expect(() => stressPrompts(family, 1, 1000, 1)).toThrow(
    /double_quote_far at 1 has only \d+ different prompts; ask for fewer/,
  );
});

it('says that the names are used up, and does not look on for ever', () => {
  const family = { ...families[0], write: (w: Writer) => `${w.noun()} `.repeat(2) + everyNoun(w) };
  expect(() => stressPrompts(family, 1, 1, 1)).toThrow(
    /a prompt asks for more names than there are/,
  );
});

const everyNoun = (w: Writer) => Array.from({ length: 500 }, () => w.noun()).join(' ');
