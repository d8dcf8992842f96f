/** Files of predictions: what is read, and what is refused in one line. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readPredictions } from '../../../models/stress/predictions';
import { temporaryFolder } from '../../integration/runtime/bundles';

const folder = temporaryFolder();
afterAll(() => {
  folder.remove();
});

function file(...lines: readonly unknown[]): string {
  const path = join(folder.dir, 'predictions.jsonl');
  writeFileSync(path, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')); // prettier-ignore
  return path;
}

const reason = {
  family: 'brackets_in_comment',
  node: '3.mlp.act_in.7',
  threshold: 2,
  because: 'x',
};
const answer = (parameter: number, text: string) => ({
  ...{ family: 'brackets_in_comment', parameter, answer: text },
});

it('reads what is predicted, by rising number', () => {
  const [one, ...more] = readPredictions(file(answer(3, ']]'), '', reason, answer(1, ']')));
  expect(more).toEqual([]);
  expect(one).toMatchObject({ node: '3.mlp.act_in.7', threshold: 2, because: 'x' });
  expect(one.family.name).toBe('brackets_in_comment');
  expect(one.answers).toEqual([
    { parameter: 1, answer: ']' },
    { parameter: 3, answer: ']]' },
  ]);
});

it('reads that a model never errs', () => {
  const never = { ...reason, threshold: null };
  const [one] = readPredictions(file(never, answer(1, ']'), answer(40, ']')));
  expect(one.threshold).toBeNull();
});

it.each([
  [[], /has no predictions; write/],
  [['{'], /predictions\.jsonl:1 is not JSON; write/],
  [['3'], /:1: .*; write/],
  [
    [reason, { ...reason, family: 'nonsense' }],
    /:2: there is no family 'nonsense'; the families are double_quote_far, /,
  ],
  [
    [reason, answer(41, ']]')],
    /:2: brackets_in_comment goes from 0 to 40 opening brackets in the comment; 41 is outside/,
  ],
  [[reason, answer(-1, ']')], /:2: parameter: /],
  [[reason, answer(1, 'x')], /:2: the answers of brackets_in_comment are "\]" or "\]\]"/],
  [[reason, answer(1, ']'), answer(1, ']')], /:3: brackets_in_comment at 1 stands twice/],
  [[reason, reason], /:2: brackets_in_comment has a node already/],
  [[answer(1, ']'), answer(3, ']]')], /no line says which node decides in brackets_in_comment/],
  [[reason, answer(1, ']')], /brackets_in_comment has 1 answers; predict two numbers or more/],
  [
    [reason, answer(1, ']]'), answer(3, ']]')],
    /at 1 is predicted to be "\]\]", but the threshold says otherwise/,
  ],
  [[{ ...reason, more: 1 }], /:1: .*write/],
])('refuses %j in one line', (lines, message) => {
  const path = file(...lines);
  expect(() => readPredictions(path)).toThrow(message);
  try {
    readPredictions(path);
  } catch (error) {
    expect((error as Error).message).not.toContain('\n');
  }
});
