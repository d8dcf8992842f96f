/** `circuitscope stress`: what it lists, and what it refuses in one line. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readBundle } from '../../../models/bundles/bundle';
import type { StressResult } from '../../../models/stress/run';
import { bundleIn, randomParts, vocabConfig } from '../runtime/bundles';
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

it('sets what the model does beside what was predicted, as text, JSON and pictures', () => {
  const dir = bundleIn(join(program.dir, 'longer'), randomParts(vocabConfig({ context: 96 })));
  const one = [0, 1].map((parameter) => ({ family, parameter, answer: '.add' }));
  const file = predictions(reason, ...one);
  const out = join(program.dir, 'out');
  const args = [file, '--bundle', dir, '--prompts', '4', '--engine', 'onnx'];
  const report = JSON.parse(program.run('stress', ...args, '--out', out, '--json')) as {
    bundle: { hash: string };
    rules: { task: string; prompts: number; rule: number }[];
    results: StressResult[];
  };
  expect(report.bundle.hash).toBe(readBundle(dir).hash);
  expect(report.rules).toMatchObject([{ task: 'set_or_string', prompts: 200 }]);
  const [{ points, prompts, held }] = report.results;
  expect(prompts).toBe(8);
  // All four prompts of each number were predicted to be right.
  expect(held).toBe((points[0].right + points[1].right) / 2);
  const kept = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')) as typeof report;
  expect(kept.results[0].points.map(({ right }) => right)).toEqual(
    points.map(({ right }) => right),
  );
  expect(readdirSync(out).sort()).toEqual(['results.json', 'type_far.svg']);
  expect(readFileSync(join(out, 'type_far.svg'), 'utf8')).toContain('lines between');
  expect(program.run('stress', ...args)).toMatch(
    /set_far: .*\nlines between +predicted[\s\S]*answered as predicted: [\d.]+ % of 8 prompts[\s\S]*rule of set_or_string: /,
  );
});

it('asks for a file', () => {
  expect(program.failure('stress')).toMatch(/usage: circuitscope stress FILE/);
});
