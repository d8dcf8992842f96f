/** `circuitscope trace`. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addLabels } from '../../../models/bundles/bundle';
import type { Label } from '../../../models/bundles/labels';
import { sampleLabel, sampleLabels } from '../../support/labels';
import { bundleIn } from '../runtime/bundles';
import { at, Program, text, type TraceReport } from './program';

// Each test starts a few processes, and the machine may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let program: Program;
let python: string;
let bundle: string;
const failure = (...args: string[]) => program.failure(...args);

beforeAll(() => {
  program = new Program();
  ({ python, bundle } = program);
});
afterAll(() => {
  program.remove();
});

describe('trace', () => {
  it('reports the token that covers the place, predictions and nodes', () => {
    const report = program.trace(python, ...at(2, 6));
    expect(report.bundle.name).toBe('tiny');
    expect(report.bundle.hash).toMatch(/^[0-9a-f]{64}$/);
    const { token, window, predictions, next, nodes } = report;
    expect(text.slice(token.start, token.end)).toBe('return');
    expect(token).toMatchObject({ text: 'return', shown: 'return' });
    expect(window.start).toBeLessThanOrEqual(token.index);
    expect(window.end).toBeGreaterThan(token.index);
    expect(predictions).toHaveLength(5);
    const logprobs = predictions.map(({ logprob }) => logprob);
    expect(logprobs).toEqual([...logprobs].sort((a, b) => b - a));
    expect(next?.text).toBe(' a');
    expect(next!.logprob).toBeLessThanOrEqual(logprobs[0]);
    expect(nodes).toHaveLength(5);
    const sizes = nodes.map(({ activation }) => Math.abs(activation));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(report.before).toBeUndefined();
  });

  it('names its nodes by their labels, with scores in the JSON', () => {
    const dir = bundleIn(join(program.dir, 'labelled'), program.parts);
    const place = ['trace', python, ...at(2, 6), '--bundle', dir];
    expect(program.run(...place)).toMatch(/\ntiny has no labels: /);
    const { nodes } = JSON.parse(program.run(...place, '--json')) as TraceReport;
    expect(nodes[0]).not.toHaveProperty('label');
    const [first, second] = nodes;
    const sign = (value: number, label: Label) => (value < 0 ? { negative: label } : { positive: label }); // prettier-ignore
    const labels = sampleLabels(['comma', 'a name'], {
      [first.node]: sign(first.activation, sampleLabel([1, -2])),
      // Of the other sign: says nothing here.
      [second.node]: sign(-second.activation, sampleLabel([1])),
    });
    addLabels(dir, labels);
    const named = JSON.parse(program.run(...place, '--json')) as TraceReport;
    expect(named.nodes.map(({ label }) => label)).toEqual([
      { text: 'comma and not a name', correlation: 0.6, auroc: 0.9, f1: 0.7, confirmed: null },
      ...[null, null, null, null],
    ]);
    const text = program.run(...place);
    expect(text).toMatch(new RegExp(`${first.node} +comma and not a name `));
    // Without a label for its sign it is called by what its weights read and raise, as in the panel.
    expect(named.nodes[0]).not.toHaveProperty('about');
    const { about } = named.nodes[1];
    expect(about).toMatch(/^(reads '.+'|('.+' )?→ '.+')$/);
    expect(text.split('\n').find((line) => line.includes(second.node))).toContain(` ${about} `);
  });

  it('shows all with --top 0, and they add up to certainty', () => {
    const { predictions, nodes } = program.trace(python, ...at(1, 1), '--top', '0');
    expect(predictions).toHaveLength(2048);
    const total = predictions.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0);
    expect(total).toBeCloseTo(1, 4);
    // A line feed and a backslash are themselves, and can be told from what stands for them.
    const shown = new Map(predictions.map((one) => [one.text, one.shown]));
    expect([shown.get('\n'), shown.get('\\')]).toEqual(['\\n', '\\\\']);
    expect(nodes.length).toBeGreaterThan(50);
    expect(nodes.every(({ activation }) => activation !== 0)).toBe(true);
  });

  it('has no next token at the end of the file', () => {
    expect(program.trace(python, ...at(5, 17)).next).toBeNull();
  });

  it('changes the prediction as an effect says', () => {
    const effectsOf = (...args: string[]) =>
      program.trace(python, ...at(2, 6), '--effects', '--kind', 'zero', ...args);
    const { nodes, predictions, next, measured, target } = effectsOf(
      '--everywhere',
      '--of',
      'next',
    );
    expect(target!.id).toBe(next!.id);
    expect(effectsOf().target!.id).toBe(predictions[0].id);
    expect(measured!.nodes).toBe(Math.min(256, measured!.of));
    const every = [...at(2, 6), '--effects', '--all', '--top', '0', '--kind', 'zero'];
    const { nodes: all, measured: whole } = program.trace(python, ...every);
    expect(whole).toEqual({ nodes: all.length, of: all.length });
    const effects = nodes.map(({ effect }) => Math.abs(effect!));
    expect(effects).toEqual([...effects].sort((a, b) => b - a));
    const [{ node, effect }] = nodes;
    const after = program.trace(python, ...at(2, 6), '--ablate', node, '--kind', 'zero');
    expect(after.next!.logprob - after.before!.next!.logprob).toBeCloseTo(effect!, 4);
    expect(after.before).toEqual({ predictions, next });
  });

  it('reads each layer through the logit lens, the last of which is the prediction', () => {
    const { lens, predictions, next } = program.trace(python, ...at(2, 6), '--lens');
    expect(lens!.rows.map(({ layers }) => layers)).toEqual([0, 1, 2]);
    const { top, rank } = lens!.rows.at(-1)!;
    expect(top.id).toBe(predictions[0].id);
    expect(top.logprob).toBeCloseTo(predictions[0].logprob, 5);
    expect(lens!.target.id).toBe(top.id);
    expect(rank).toBe(1);
    const ofNext = program.trace(python, ...at(2, 6), '--lens', '--of', 'next').lens!;
    const followed = ofNext.rows.at(-1)!;
    expect(ofNext.target.id).toBe(next!.id);
    expect(followed.logprob).toBeCloseTo(next!.logprob, 5);
    const all = program.trace(python, ...at(2, 6), '--top', '0').predictions;
    expect(followed.rank).toBe(1 + all.findIndex(({ id }) => id === next!.id));
    const readable = program.run('trace', python, ...at(2, 6), '--lens', '--bundle', bundle);
    expect(readable).toMatch(/stream after +likeliest/);
    expect(readable).toMatch(/layer 1 +'/);
    expect(program.trace(python, ...at(2, 6)).lens).toBeUndefined();
  });

  it('takes interventions from a file and from the command line alike', () => {
    const nodes = ['0.mlp.post_act.4', '1.attn.v.2'];
    const kind = { kind: 'value', value: 2.5 };
    const set = { name: 'mine', interventions: [{ nodes, positions: 'all', kind }] };
    const path = program.file('set.json', JSON.stringify(set));
    const fromFile = program.trace(python, ...at(2, 6), '--interventions', path);
    const fromLine = program.trace(
      python,
      ...at(2, 6),
      '--ablate',
      nodes.join(),
      '--kind',
      'value=2.5',
    );
    expect(fromFile).toEqual(fromLine);
    expect(fromFile.predictions).not.toEqual(fromFile.before!.predictions);
  });

  it('reads well without --json', () => {
    const args = ['trace', python, ...at(2, 6), '--bundle', bundle, '--ablate', '0.mlp.post_act.4'];
    const output = program.run(...args);
    for (const part of [
      "'return' at line 2, column 5",
      'without interventions',
      'with interventions',
      '█',
      "observed: ' a'",
      'activation',
    ]) {
      expect(output).toContain(part);
    }
    expect(output).toMatch(/L[01] (MLP neuron|head|attention|MLP) /);
  });

  it('takes a file of 10 MB', () => {
    const line = 'value_1 = some_function(2, "three")\n';
    const big = program.file('big.py', line.repeat(Math.ceil(10e6 / line.length)));
    const { token } = program.trace(big, ...at(250_000, 3));
    expect(token.start).toBeGreaterThan(8e6);
  });

  it.each([
    ['a line that is not there', [9, 1], 'has no line 9; its lines are 1 to 6'],
    ['a column past the line break', [2, 18], 'line 2 has no column 18; its columns are 1 to 17'],
    ['line 0', [0, 1], '--line 0: expected a whole number, 1 or more'],
    ['a column that is no number', [1, NaN], '--column NaN: expected a whole number'],
  ])('refuses %s', (_, [line, column], message) => {
    expect(failure('trace', python, ...at(line, column), '--bundle', bundle)).toContain(message);
  });

  it.each([
    ['an unknown node', ['--ablate', '0.mlp.post_act.32'], 'mlp.post_act has channels 0 to 31'],
    ['no node name', ['--ablate', 'neuron7'], "'neuron7' is not a node name"],
    ['an empty node name', ['--ablate', '0.attn.q.1,'], 'has an empty name; write NODE,NODE'],
    ['an unknown kind', ['--kind', 'off'], "unknown kind 'off'; write mean, zero, value=NUMBER"],
    ['a kind without its number', ['--kind', 'value=x'], "unknown kind 'value=x'"],
    ['an unknown option', ['--colour'], "Unknown option '--colour'; see circuitscope trace --help"],
    [
      'interventions that are missing',
      ['--interventions', 'no.json'],
      'no.json does not exist; check the path',
    ],
    ['a second file', ['other.py'], 'trace takes one file'],
  ])('refuses %s', (_, args, message) => {
    expect(failure('trace', python, ...at(1, 1), '--bundle', bundle, ...args)).toContain(message);
  });

  it('gives no number beyond what 32 bits hold', () => {
    const args = ['--ablate', '0.attn.q.1', '--kind', 'value=1e38', '--bundle', bundle];
    expect(failure('trace', python, ...at(1, 1), ...args)).toContain(
      '--kind value=1e38 is too large',
    );
  });

  it('takes every token: before the text, at its end, and within a character', () => {
    const end = program.trace(python, ...at(6, 1), '--effects', '--top', '1');
    expect(end.next).toBeNull();
    const next = ['--effects', '--of', 'next', '--bundle', bundle];
    expect(failure('trace', python, ...at(6, 1), ...next)).toContain('no token follows');
    expect(end.target).toMatchObject({ id: end.predictions[0].id, text: end.predictions[0].text });
    const before = program.trace(python, '--token', '-1');
    expect(before.token).toMatchObject({ index: -1, start: 0, end: 0 });
    expect(before.next?.text).toBe('def');
    const wide = program.file('wide.py', 's = "\u{1f600}"\n');
    const tokens = [3, 4, 5].map((token) => program.trace(wide, '--token', String(token)).token);
    expect(tokens.map(({ index }) => index)).toEqual([3, 4, 5]);
    expect(tokens.some(({ text: own }) => own === null)).toBe(true);
    expect(failure('trace', python, '--token', '99', '--bundle', bundle)).toContain(
      'token 99 is not',
    );
  });

  it('refuses a place that is not given', () => {
    expect(failure('trace', python, '--line', '1', '--bundle', bundle)).toContain(
      '--column is missing',
    );
  });

  it('refuses interventions that are not as the schema says', () => {
    const bad = program.file('bad.json', '{"name": "x", "interventions": [{"nodes": []}]}');
    const args = ['trace', python, ...at(1, 1), '--bundle', bundle, '--interventions'];
    expect(failure(...args, bad)).toContain('bad.json: interventions.0');
    expect(failure(...args, program.file('cut.json', '{"name": '))).toContain(
      'cut.json is not JSON',
    );
  });
});
