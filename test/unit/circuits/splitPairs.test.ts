import { describe, expect, it } from 'vitest';
import { splitPairs } from '../../../models/circuits/prune/splitPairs';
import type { Prompt } from '../../../models/tasks/prompts';

/** Pairs whose two answers are those given. */
const promptsOf = (answers: readonly (readonly [number, number])[]): Prompt[] =>
  answers.flatMap(([first, second], i) =>
    ([1, -1] as const).map((sign) => ({ tokens: Int32Array.of(i, sign), first, second, sign })),
  );

/** Pairs of two answers. */
const fewAnswers = (pairs: number) =>
  promptsOf(Array.from({ length: pairs }, () => [1, 2] as const));

const answersOf = (prompts: readonly Prompt[]) =>
  new Set(prompts.flatMap(({ first, second }) => [first, second]));

describe('the pairs to select by', () => {
  it('have answers that masks are not taught, where answers are many', () => {
    const prompts = promptsOf(
      Array.from({ length: 400 }, (_, i) => [i % 40, (i + 1 + (i % 7)) % 40] as const),
    );
    const { select, teach } = splitPairs(prompts);
    expect(select.length).toBeGreaterThanOrEqual(2 * 16);
    expect(teach.length).toBeGreaterThan(2 * select.length);
    const taught = answersOf(teach);
    expect([...answersOf(select)].filter((answer) => taught.has(answer))).toEqual([]);
    for (const part of [select, teach]) {
      for (let i = 0; i < part.length; i += 2) expect(part[i].tokens[0]).toBe(part[i + 1].tokens[0]);
    }
  });

  it('are a quarter where answers are few, apart from those that masks are taught with', () => {
    const prompts = fewAnswers(66);
    const { select, teach } = splitPairs(prompts);
    expect(select).toHaveLength(2 * 16);
    expect([...select, ...teach]).toEqual(prompts);
  });

  it('are all where they are few', () => {
    const prompts = fewAnswers(63);
    expect(splitPairs(prompts)).toEqual({ select: prompts, teach: prompts });
  });
});
