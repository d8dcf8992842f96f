/** tasks, task, prune and verify as people run them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readBundle } from '../../../models/bundles/bundle';
import { circuitText, readCircuit } from '../../../models/circuits/circuitFile';
import { findCircuit } from '../../../models/circuits/findCircuit';
import { DEFAULT_SETTINGS } from '../../../models/circuits/defaults';
import { knownCircuit } from '../../e2e/knownCircuitFile';
import { KNOWN_NODES } from '../../support/knownCircuit';
import { knownModel, knownPairs, knownParts } from '../circuits/known';
import { built } from '../runtime/built';
import { bundleIn } from '../runtime/bundles';
import { Program } from './program';

// Each test starts a few processes, and the machine may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let program: Program;
let bundle: string;
let pairs: string;
const quick = ['--pairs', '12', '--runs', '1', '--steps', '60', '--seconds', '500'];
const json = (...args: string[]): unknown =>
  JSON.parse(program.run(...args, '--bundle', bundle, '--json'));
const failure = (...args: string[]) => program.failure(...args, '--bundle', bundle);

beforeAll(() => {
  built('circuit-worker.js');
  program = new Program();
  bundle = bundleIn(program.dir, knownParts);
  const both = (['train', 'test'] as const).map((part) => knownPairs.pairs(1, 12, part));
  const lines = both[0].flatMap((pair, i) => [pair, both[1][i]]);
  pairs = program.file('pairs.jsonl', lines.map((pair) => JSON.stringify(pair)).join('\n'));
});
afterAll(() => {
  program.remove();
});

describe('a task of a file', () => {
  it('has a loss and an accuracy, and shows examples', () => {
    const report = json('task', '--file', pairs, '--show', '1');
    expect(report).toMatchObject({ name: 'pairs.jsonl', pairs: 24, accuracy: 1 });
    const { loss, examples } = report as { loss: number; examples: { margin: number }[] };
    expect(loss).toBeLessThan(0.1);
    expect(examples).toHaveLength(2);
    for (const { margin } of examples) expect(margin).toBeGreaterThan(0);
  });

  it('is pruned to a file, which is proved', () => {
    const out = join(program.dir, 'circuit.json');
    expect(json('prune', '--file', pairs, '--out', out, ...quick)).toMatchObject({
      ...{ name: 'pairs.jsonl', out, nodes: 3, edges: 2, target: 0.15 },
      effort: { runs: 1, complete: true },
    });
    expect(readCircuit(out).nodes).toEqual(KNOWN_NODES);
    const proof = json('verify', out, '--pairs', '12') as Record<string, unknown>;
    expect(proof).toMatchObject({ nodes: 3, edges: 2, target: 0.15, interchange: 1 });
    expect(Object.keys(proof.loss as object).sort()).toEqual(
      ['circuit', 'full', 'random', 'random_model', 'removed', 'shuffled_labels'].sort(),
    );
    expect(proof.verdict).toMatch(/^The circuit is sufficient and necessary/);
  });

  it('has what is left of its circuit at larger losses', () => {
    const nodes = [...KNOWN_NODES, '0.attn.v.0', '0.attn.v.2', '0.mlp.post_act.1'];
    const { name, hash } = readBundle(bundle);
    const file = readFileSync(pairs, 'utf8');
    const circuit = { ...knownCircuit({ name, hash }, 'pairs.jsonl', file), nodes };
    const large = program.file('large.json', circuitText(circuit));
    // What does not decide goes at once; of the three that do, one gone is all gone.
    const left = { nodes: 3, edges: 2, loss: expect.closeTo(0, 1) as number };
    expect(json('shrink', large, '--losses', '0.5,0.15', '--pairs', '12')).toEqual([
      { target: 0.15, ...left },
      { target: 0.5, ...left },
    ]);
    const table = program.run('shrink', large, '--bundle', bundle, '--losses', '0.15');
    expect(table).toMatch(/loss kept +nodes +edges[^]*0\.15 +3 +2/);
  });
});

describe('refusals', () => {
  it('of a task that is none', () => {
    expect(failure('task', 'swap')).toMatch(/no task swap; the tasks are .*var_swap/);
    expect(failure('prune', 'swap', '--out', 'x')).toMatch(/no task swap/);
  });

  it('of a task that the model does not solve', () => {
    const out = join(program.dir, 'unsolved.json');
    expect(failure('prune', 'with_open', '--out', out)).toMatch(/does not solve the task/);
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    ['several tokens', '" zebra zebra"', /pairs2\.jsonl:2: the answer .* tokens/],
    ['no text', '""', /pairs2\.jsonl:2: b\.answer: is empty/],
  ])('of pairs whose answer is %s', (_what, answer, message) => {
    const good = '{"a":{"prompt":"x","answer":" ="},"b":{"prompt":"y","answer":":"}}';
    const bad = `{"a":{"prompt":"x","answer":" ="},"b":{"prompt":"y","answer":${answer}}}`;
    const file = program.file('pairs2.jsonl', `${good}\n${bad}\n`);
    expect(failure('task', '--file', file)).toMatch(message);
  });

  it('of prompts longer than the context', () => {
    const prompt = 'x '.repeat(100);
    const long = JSON.stringify({ a: { prompt, answer: ':' }, b: { prompt: 'y', answer: '=' } });
    const message = failure('prune', '--file', program.file('long.jsonl', long), '--out', 'x');
    expect(message).toMatch(
      /long\.jsonl:1: a prompt has \d+ tokens, the model reads 63; shorten it/,
    );
  });

  it('of a circuit of another model, or a file that is none', async () => {
    const circuit = await findCircuit(knownModel, knownPairs, {
      settings: { ...DEFAULT_SETTINGS, runs: 1, steps: 60, seconds: 500 },
      ...{ ablation: 'mean', trainPairs: 12 },
    });
    const other = program.file('other.json', circuitText(circuit));
    expect(failure('verify', other)).toMatch(/is a circuit of known cccccccccccc, not of known/);
    expect(failure('verify', pairs)).toMatch(/is not JSON; give a file that/);
    expect(failure('verify', join(program.dir, 'none.json'))).toMatch(/does not exist/);
  });

  it.each([
    [['prune', 'indent_for'], /add --out/],
    [['prune', '--out', 'x'], /takes one task or --file/],
    [['prune', 'indent_for', '--all', '--out', 'x'], /give --all or one task/],
    [
      ['prune', 'indent_for', '--out', 'x', '--target-loss', '0'],
      /--target-loss 0 is not a number/,
    ],
    [['prune', 'indent_for', '--out', 'x', '--ablation', 'none'], /write mean or zero/],
    [['task'], /task takes one task or --file/],
    [['verify'], /verify takes one file or folder/],
    [['shrink'], /shrink takes one file/],
    [['shrink', 'x', '--losses', '0.1,'], /--losses {2}is not a number above 0/],
  ])('of %j', (args, message) => {
    expect(failure(...args)).toMatch(message);
  });
});

it('lists the twenty tasks without a model', () => {
  const listed = JSON.parse(program.run('tasks', '--list', '--json')) as { name: string }[];
  expect(listed).toHaveLength(20);
  expect(listed.map(({ name }) => name)).toContain('single_double_quote');
});
