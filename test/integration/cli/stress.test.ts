/** `circuitscope stress`: what it lists, and what it refuses in one line. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Program } from './program';

const program = new Program();
afterAll(() => {
  program.remove();
});

function predictions(...lines: readonly object[]): string {
  const file = join(program.dir, 'predictions.jsonl');
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'));
  return file;
}
const family = 'set_far';
const reason = { family, node: '0.mlp.act_in.3', threshold: null, because: 'x' };
const answers = [0, 3].map((parameter) => ({ family, parameter, answer: '.add' }));

it('lists the families without a model', () => {
  const listed = JSON.parse(program.run('stress', '--list', '--json')) as { name: string }[];
  expect(listed.map(({ name }) => name)).toContain('brackets_in_comment');
  expect(program.run('stress', '--list')).toMatch(/set_far\n.*\n +0 to \d+ lines between; right/);
});

it('refuses a family that there is not, before the model is loaded', () => {
  const file = predictions({ ...reason, family: 'nonsense' });
  expect(program.failure('stress', file, '--bundle', 'nowhere')).toMatch(
    /predictions\.jsonl:1: there is no family 'nonsense'; the families are double_quote_far/,
  );
});

it('refuses a node that the model does not have', () => {
  const file = predictions({ ...reason, node: '99.mlp.act_in.3' }, ...answers);
  expect(program.failure('stress', file, '--bundle', program.bundle)).toMatch(/99\.mlp\.act_in\.3/);
});

it('says that the prompts do not fit a model of a shorter context', () => {
  const file = predictions(reason, ...answers);
  expect(program.failure('stress', file, '--bundle', program.bundle)).toMatch(
    /set_far at 0: a prompt has \d+ tokens, the model reads 11; shorten it/,
  );
});

it('asks for a file', () => {
  expect(program.failure('stress')).toMatch(/write: circuitscope stress FILE/);
});
