/** tasks, task, prune and verify as people run them. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readBundle } from '../../../models/bundles/bundle';
import { circuitText, readCircuit } from '../../../models/circuits/file/circuitFile';
import { ModelEdges } from '../../../models/weights/edges';
import { findCircuit } from '../../../models/circuits/findCircuit';
import { DEFAULT_SETTINGS } from '../../../models/circuits/defaults';
import { knownCircuit } from '../../e2e/knownCircuitFile';
import { KNOWN_NODES } from '../../support/knownCircuit';
import { knownBundle, knownModel, knownPairs, knownParts, knownTaskPairs } from '../circuits/known';
import { siteWidth } from '../../../models/transformer/config';
import { allSites } from '../../../models/transformer/nodes';
import { vizFile } from '../../unit/import/viz';
import { built } from '../runtime/built';
import { bundleIn } from '../runtime/bundles';
import { Program } from './program';

// Each test starts a few processes, and the machine may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let program: Program;
let bundle: string;
let pairs: string;
const quick = ['--pairs', '12', '--runs', '1', '--steps', '80', '--seconds', '500'];
const json = (...args: string[]): unknown =>
  JSON.parse(program.run(...args, '--bundle', bundle, '--json'));
const failure = (...args: string[]) => program.failure(...args, '--bundle', bundle);

beforeAll(() => {
  built('circuit-worker.js');
  program = new Program();
  bundle = bundleIn(program.dir, knownParts);
  const lines = knownTaskPairs(1, 24, 'masks');
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
      ...{ name: 'pairs.jsonl', out, core: 3, edges: 2, target: 0.15 },
      effort: { runs: 1, complete: true, stopped: false },
    });
    expect(readCircuit(out).core).toEqual(KNOWN_NODES);
    const proved = json('verify', out, '--pairs', '12', '--write') as Record<string, unknown>;
    expect(proved).toMatchObject({
      core: 3,
      joined: 3,
      edges: 2,
      // The half of this file that the search has not seen is too few pairs for a proof.
      groups: { sufficient: false, causal: true },
    });
    expect(readCircuit(out).proof).toEqual(proved.proof);
    expect(proved.words).toContain('pairs of prompts that the search has not seen 12, wanted at');
    const [first, second] = [1, 2].map((seed) => expect.objectContaining({ seed }) as unknown);
    const twice = json('verify', out, '--pairs', '12', '--seeds', '2', '--write');
    expect(twice).toMatchObject({ proof: first, repeats: [second] });
    const { proof, repeats } = readCircuit(out);
    expect([proof, repeats]).toEqual([first, [second]]);
    expect(json('verify', out, '--kept')).toEqual(twice);
    const table = program.run('verify', out, '--kept', '--bundle', bundle);
    expect(table).toMatch(/^pairs\.jsonl in known, seeds 1, 2: core of 3 nodes, 3 of them joined/);
    expect(table).toMatch(/^the core alone +0\.\d{3}/m);
    expect(table).toMatch(/^joined nodes and backups, put into the other prompt +0\.\d{3}/m);
    expect(failure('prune', '--nodes-of', out, '--edge-margin', '1.1', '--out', out)).toContain(
      '--edge-margin 1.1 is too large; it is at most 1',
    );
    const fewer = json('prune', '--nodes-of', out, '--edge-margin', '0.9', '--out', out);
    expect(fewer).toMatchObject({ name: 'pairs.jsonl', core: 3 });
    const taken = readCircuit(out);
    expect(taken.edges).toHaveLength(2);
    expect(taken.proof).toBeNull();
    expect(taken.search!.settings).toMatchObject({
      ...{ edgeMargin: 0.9, steps: 80, runs: 1, edgeRuns: 1 },
      pairs: { masks: 12 },
    });
    // The commands that it records make it again, run where the pairs lie.
    const { command } = taken.search!;
    expect(command.split(' && ')).toHaveLength(2);
    for (const recorded of command.split(' && ')) {
      expect(recorded).toContain(` --bundle ${taken.bundle.name} `);
      const again = recorded.replace(` --bundle ${taken.bundle.name} `, ` --bundle ${bundle} `);
      const files = again.replace(/\bWHOLE\b/, 'whole.json').replace(/\bFILE$/, 'again.json');
      program.runIn(program.dir, ...files.split(' ').slice(1));
    }
    const again = readCircuit(join(program.dir, 'again.json'));
    const { core, edges, backups, cut, search } = again;
    expect({ core, edges, backups, cut }).toEqual({
      ...{ core: taken.core, edges: taken.edges, backups: taken.backups, cut: taken.cut },
    });
    expect(search).toMatchObject({ settings: taken.search!.settings, command });
  });

  it('is not replaced by its circuit, nor is any other file, and a folder that is not there is said first', () => {
    const kept = readFileSync(pairs);
    expect(failure('prune', '--file', pairs, '--out', pairs)).toMatch(
      /is also an input; give another name/,
    );
    expect(readFileSync(pairs)).toEqual(kept);
    const notes = program.file('notes.json', '{"mine": 1}');
    expect(failure('prune', '--file', pairs, '--out', notes)).toMatch(
      /exists and is not a circuit; give another name/,
    );
    expect(readFileSync(notes, 'utf8')).toBe('{"mine": 1}');
    const out = join(program.dir, 'none', 'circuit.json');
    expect(failure('prune', '--file', pairs, '--out', out)).toMatch(
      /there is no folder .*none; create the folder or give another name/,
    );
    expect(failure('prune', '--file', pairs, '--out', program.dir)).toMatch(/is a folder/);
  });

  it('of all tasks is refused a folder with circuits of another model, before anything is searched', () => {
    const folder = join(program.dir, 'all');
    mkdirSync(folder);
    const other = circuitText(knownCircuit({ name: 'other', hash: 'b'.repeat(64) }, 'p.jsonl', ''));
    writeFileSync(join(folder, 'with_as.json'), other);
    expect(failure('prune', '--all', '--out', folder)).toMatch(
      /with_as\.json is a circuit of another model, other b{12}; give another folder/,
    );
    expect(readdirSync(folder)).toEqual(['with_as.json']);
    expect(readFileSync(join(folder, 'with_as.json'), 'utf8')).toBe(other);
  });

  it('is not proved of an older format, which is shown what renews it', () => {
    const { name, hash } = readBundle(bundle);
    const sha256 = createHash('sha256').update(readFileSync(pairs)).digest('hex');
    const old = { format: 1, bundle: { name, hash }, pairs: { file: 'pairs.jsonl', sha256 } };
    const file = { ...old, ablation: 'mean', nodes: KNOWN_NODES, edges: [] };
    const path = program.file('old.json', JSON.stringify(file));
    const message =
      /older format, which cannot be verified; make it again: circuitscope prune --file/;
    expect(failure('verify', path)).toMatch(message);
    expect(failure('shrink', path)).toMatch(message);
  });

  it('is found by the name of its task where it lies in the bundle', () => {
    const { name, hash } = readBundle(bundle);
    const circuit = knownCircuit({ name, hash }, 'pairs.jsonl', readFileSync(pairs, 'utf8'));
    mkdirSync(join(bundle, 'circuits'));
    writeFileSync(join(bundle, 'circuits', 'if_ternary.json'), circuitText(circuit));
    const own = ['if_ternary', '--file', pairs, '--pairs', '12'];
    expect(json('verify', ...own)).toMatchObject({ core: 3, edges: 2 });
    expect(json('shrink', ...own, '--losses', '0.15')).toMatchObject([{ nodes: 3, edges: 2 }]);
  });

  it('is refused when its edges are not those of the model', () => {
    const { name, hash } = readBundle(bundle);
    const circuit = knownCircuit({ name, hash }, 'pairs.jsonl', readFileSync(pairs, 'utf8'));
    const edges = circuit.edges.map((edge) => ({ ...edge, weight: 99 }));
    const path = program.file('forged.json', circuitText({ ...circuit, edges }));
    expect(failure('verify', path)).toMatch(/as 99, but in the model it is 2; prune again/);
    expect(failure('shrink', path)).toMatch(/as 99, but in the model it is 2; prune again/);
  });

  it('has one core whatever the seed, and none beside it', () => {
    const few = ['--seeds', '2', '--peel', '3', '--steps', '40', '--whole-nodes'];
    const core = { nodes: 3, edges: 2 };
    expect(json('unique', '--file', pairs, ...few, '--threads', '1')).toEqual({
      ...{ name: 'pairs.jsonl', seeds: 2, cores: [core, core], jaccard: 1, common: KNOWN_NODES },
      ...{ withoutCommon: [], peeled: [core], peeledAll: false, stopped: false },
    });
    expect(failure('unique', '--file', pairs, ...few, '--seconds', '0.001')).toMatch(
      /no search found a circuit within 0\.001 s, with any of 2 seeds; give more --seconds/,
    );
    const kept = join(program.dir, 'searches.json');
    const text = program.run('unique', '--file', pairs, ...few, '--bundle', bundle, '--out', kept);
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toMatchObject({ result: { seeds: 2 } });
    expect(failure('unique', '--file', pairs, ...few, '--out', pairs)).toMatch(
      /pairs\.jsonl is also an input; give another name/,
    );
    expect(failure('unique', '--file', pairs, ...few, '--out', program.python)).toMatch(
      /exists and is not a file of saved searches; give another name/,
    );
    expect(text).toMatch(
      /2 of 2 seeds find a core\. The mean Jaccard index of two cores is 100\.0 %\. 3 nodes are in all/,
    );
    expect(text).toMatch(/Without them 0 of 2 seeds find a core\.[^]*1 cores that share no node/);
  });

  it('has what is left of its circuit at larger losses', () => {
    const nodes = [...KNOWN_NODES, '0.attn.v.0', '0.attn.v.2', '0.mlp.post_act.1'];
    const { name, hash } = readBundle(bundle);
    const file = readFileSync(pairs, 'utf8');
    const more = new ModelEdges(knownBundle).edgesBetween(nodes);
    const circuit = {
      ...knownCircuit({ name, hash }, 'pairs.jsonl', file),
      ...{ core: nodes, edges: more, allEdges: more.length },
    };
    const large = program.file('large.json', circuitText(circuit));
    // What does not decide goes at once; of the three that do, one gone is all gone.
    const left = { nodes: 3, edges: 2, loss: expect.closeTo(0, 1) as number };
    expect(json('shrink', large, '--losses', '0.5,0.15', '--pairs', '12')).toEqual([
      { target: 0.15, ...left },
      { target: 0.5, ...left },
    ]);
    const table = program.run('shrink', large, '--bundle', bundle, '--losses', '0.15');
    expect(table).toMatch(/loss limit +nodes +edges[^]*0\.15 +3 +2/);
    const little = ['--losses', '0.15', '--seconds', '0.001'];
    expect(failure('shrink', large, ...little)).toMatch(/within 0\.001 s; give .* more --seconds/);
  });
});

describe('refusals', () => {
  it('of a task that is none', () => {
    expect(failure('task', 'swap')).toMatch(/no task swap; the tasks are .*var_swap/);
    expect(failure('prune', 'swap', '--out', 'x')).toMatch(/no task swap/);
  });

  it('of a task that the model does not solve', () => {
    const out = join(program.dir, 'unsolved.json');
    const args = ['prune', 'with_open', '--out', out, '--bundle', bundle];
    const ended = spawnSync(process.execPath, [program.cli, ...args], { encoding: 'utf8' });
    expect(ended.stderr).toMatch(/does not solve the task/);
    expect(existsSync(out)).toBe(false);
    // By which programs tell it from a full disk.
    expect(ended.status).toBe(3);
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
      ...{ ablation: 'mean', pairs: { masks: 12, selection: 12 } },
    });
    const other = program.file('other.json', circuitText(circuit));
    expect(failure('verify', other)).toMatch(/is a circuit of known cccccccccccc, not of known/);
    expect(failure('verify', pairs)).toMatch(/is not JSON; give a file that/);
    expect(failure('verify', join(program.dir, 'none.json'))).toMatch(/does not exist/);
  });

  it.each([
    [['prune', 'indent_for'], /--out is missing/],
    [['prune', '--out', 'x'], /takes one task or --file/],
    [['prune', 'indent_for', '--all', '--out', 'x'], /give --all or one task/],
    [['prune', 'indent_for', '--nodes-of', 'y', '--out', 'x'], /give --nodes-of or a task/],
    [
      ['prune', '--nodes-of', 'y', '--steps=5', '--out', 'x'],
      /--nodes-of keeps the settings of the circuit; leave out --steps/,
    ],
    [['prune', '--all', '--nodes-of', 'y', '--out', 'x'], /give --all or one task/],
    [
      ['prune', '--nodes-of', 'none.json', '--out', 'x'],
      /none\.json does not exist and is not a task/,
    ],
    [
      ['prune', 'indent_for', '--out', 'x', '--target-loss', '0'],
      /--target-loss 0: expected a number above 0/,
    ],
    [
      ['prune', 'indent_for', '--out', 'x', '--ablation', 'none'],
      /--ablation none: give mean or zero/,
    ],
    [['task'], /task takes one task or --file/],
    [['verify'], /verify takes one file, folder or task/],
    [['verify', 'if_equals'], /has no circuit for if_equals; find one with circuitscope prune/],
    [['shrink', 'if_equals'], /has no circuit for if_equals; find one with circuitscope prune/],
    [['steer', '--circuit', 'if_equals'], /has no circuit for if_equals; find one/],
    [['verify', 'if_eqals'], /if_eqals does not exist and is not a task/],
    [['unique'], /unique takes one task or --file/],
    [['unique', 'indent_for', '--seeds', '0'], /--seeds/],
    [['unique', 'indent_for', '--threads', '0'], /--threads 0: expected a whole number, 1 or more/],
    [['unique', 'indent_for', '--threads', '65'], /--threads 65 is too large; it is at most 64/],
    [['prune', 'indent_for', '--out', 'x', '--threads', 'two'], /--threads two: expected a whole/],
    [['shrink'], /shrink takes one file or task/],
    [['shrink', 'x', '--losses', '0.1,'], /--losses : expected a number above 0/],
  ])('of %j', (args, message) => {
    expect(failure(...args)).toMatch(message);
  });
});

it('lists the twenty tasks without a model', () => {
  const listed = JSON.parse(program.run('tasks', '--list', '--json')) as { name: string }[];
  expect(listed).toHaveLength(20);
  expect(listed.map(({ name }) => name)).toContain('single_double_quote');
});

describe('a circuit that others published', () => {
  const allNodes = allSites(knownParts.config).reduce(
    (sum, { site }) => sum + siteWidth(knownParts.config, site),
    0,
  );
  const nodes: Record<string, number[]> = {};
  for (const name of KNOWN_NODES) {
    const dot = name.lastIndexOf('.');
    (nodes[name.slice(0, dot)] ??= []).push(Number(name.slice(dot + 1)));
  }
  const made = { nodes, allNodes, loss: 0.125, circuitLoss: 0.25 };

  it('is imported with its losses and proved by our own rule, but for the search', () => {
    const file = vizFile(made);
    const report = json('import', file, '--file', pairs);
    const out = join(bundle, 'circuits', 'pairs-published.json');
    expect(report).toMatchObject({
      out,
      nodes: 3,
      published: { loss: { model: 0.0625, circuit: 0.125 } },
    });
    expect(readCircuit(out)).toMatchObject({ core: KNOWN_NODES, backups: [], search: null });
    const said = json('verify', out, '--file', pairs, '--pairs', '8') as {
      groups: Record<string, boolean>;
      proof: { measurements: { id: string }[] };
    };
    expect(said.groups).toMatchObject({ robust: true, causal: true, real: false });
    expect(said.proof.measurements.map(({ id }) => id)).not.toContain('control.labels');
    expect(failure('shrink', out, '--file', pairs)).toContain(
      'was published by openai/circuit_sparsity, so the settings of a search are missing',
    );
  });

  it('is refused where its model is another, or its file none', () => {
    const other = vizFile({ ...made, allNodes: 7 });
    expect(failure('import', other, '--file', pairs)).toContain('is of a model with 7 nodes');
    expect(failure('import', pairs, '--file', pairs)).toContain('pairs.jsonl');
    expect(failure('import', vizFile(made))).toContain('give --task NAME or --file PAIRS');
  });
});
