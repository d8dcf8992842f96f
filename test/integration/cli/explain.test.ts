/** `circuitscope explain` as people run it: a circuit, a prediction, and what it refuses. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readBundle } from '../../../models/bundles/bundle';
import { ModelEdges } from '../../../models/weights/edges';
import { readCircuit, writeCircuit } from '../../../models/circuits/file/circuitFile';
import { NodeSet } from '../../../models/transformer/nodeSet';
import { KEPT_FOLDER } from '../../../models/keptFiles';
import { GIVEN_FOLDER, givenFile, givenText } from '../../../models/labels/given';
import type { CircuitStory } from '../../../models/labels/explain/circuit';
import type { Sentence } from '../../../models/labels/explain/sentence';
import { sampleCircuit } from '../../support/circuits';
import { bundleIn, randomParts, vocabConfig } from '../runtime/bundles';
import { at, Program, type TraceReport } from './program';

const program = new Program();
afterAll(() => {
  program.remove();
});
/** A model that reads as much as the prompts of tasks have. */
const dir = bundleIn(join(program.dir, 'longer'), randomParts(vocabConfig({ context: 64 })));
const bundle = readBundle(dir);

/** A circuit of the bundle for a task. */
function circuitFile(name: string, change: Parameters<typeof sampleCircuit>[0] = {}): string {
  const core = ['0.attn.act_in.1', '0.attn.v.2', '0.attn.resid_delta.3', '1.mlp.post_act.4'];
  const edges = new ModelEdges(bundle).edgesBetween(core);
  const path = join(program.dir, name);
  const { hash } = bundle;
  const own = { bundle: { name: 'tiny', hash }, pairs: { task: 'single_double_quote' }, core };
  writeCircuit(path, sampleCircuit({ ...own, backups: [], cut: [], edges, allEdges: edges.length, ...change })); // prettier-ignore
  return path;
}

it('tells a circuit node by node, as Markdown and as JSON', () => {
  const path = circuitFile('quotes.json');
  const text = program.run('explain', path, '--bundle', dir);
  expect(text).toMatch(/^# single\\_double\\_quote, explained\n/);
  for (const node of ['0.attn.act\\_in.1', '0.attn.v.2', '1.mlp.post\\_act.4']) {
    expect(text).toContain(`**${node}** No label was accepted.`);
  }
  expect(text).toContain('on 32 prompt pairs');
  const json = program.run('explain', path, '--bundle', dir, '--json');
  const story = JSON.parse(json) as CircuitStory;
  expect(story.parts.flatMap(({ nodes }) => nodes)).toHaveLength(4);
});

describe('labels that a person gave', () => {
  const workspace = join(program.dir, 'workspace');
  const below = join(workspace, 'src', 'deep');
  mkdirSync(below, { recursive: true });
  const file = join(workspace, KEPT_FOLDER, GIVEN_FOLDER, givenFile(bundle));
  mkdirSync(dirname(file), { recursive: true });
  const python = join(below, 'add.py');
  writeFileSync(python, 'def add(a, b):\n    return a + b\n');
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [program.cli, ...args, '--bundle', dir], {
      ...{ encoding: 'utf8', cwd: below },
    });

  it('stand for all others, in quotes, of the workspace around the folder or the file', () => {
    const every = NodeSet.all(bundle.config)
      .names()
      .map((node) => [node, 'my *own*'] as const);
    writeFileSync(file, givenText(bundle, new Map(every)));
    const circuit = circuitFile('labelled.json');
    expect(run('explain', circuit).stdout).toContain('**0.attn.act\\_in.1** (“my \\*own\\*”) ');
    expect(JSON.parse(run('explain', circuit, '--json').stdout)).toMatchObject({
      ownLabels: { '0.attn.v.2': 'my *own*' },
    });
    const place = ['--line', '2', '--column', '12'];
    expect(program.run('explain', '--file', python, ...place, '--bundle', dir)).toContain(
      '(“my \\*own\\*”)',
    );
    const traced = program.run('trace', python, ...place, '--bundle', dir);
    expect(traced.match(/ “my \*own\*” /g)).toHaveLength(5);
    const { nodes } = JSON.parse(run('trace', python, ...place, '--json').stdout) as TraceReport;
    for (const node of nodes) expect(node).toMatchObject({ own: 'my *own*' });
  });

  it('are left aside with a line that says why where their file is damaged', () => {
    writeFileSync(file, '{"format": 1}');
    const { status, stdout, stderr } = run('explain', circuitFile('plain.json'));
    expect(status).toBe(0);
    expect(stdout).toContain('No label was accepted.');
    expect(stderr).toMatch(/^\/\S+\.json: format: .*; correct or remove it\n$/);
  });
});

it('writes a circuit with its picture, whose nodes lead into the document', () => {
  const path = circuitFile('drawn.json');
  const out = join(program.dir, 'drawn here.md');
  expect(program.run('explain', path, '--bundle', dir, '--out', out)).toBe('');
  const document = readFileSync(out, 'utf8');
  expect(document).toContain('](drawn%20here.svg)');
  const svg = readFileSync(join(program.dir, 'drawn here.svg'), 'utf8');
  const links = [...svg.matchAll(/href="drawn%20here\.md#([^"]+)"/g)].map(([, anchor]) => anchor);
  expect(links).toContain('0-attn-resid_delta-3');
  for (const anchor of links) expect(document).toContain(`<a id="${anchor}"></a>`);
});

it('tells a prediction in a few sentences', () => {
  const args = ['explain', '--file', program.python, ...at(2, 12), '--bundle', dir];
  const text = program.run(...args);
  expect(text).toMatch(/^After `.*` the model gives `.*` .* nats\), (its top prediction|rank )/);
  expect(text).toContain('nodes ablated one at a time');
  const { sentences } = JSON.parse(program.run(...args, '--json')) as { sentences: Sentence[] };
  expect(sentences.length).toBeGreaterThanOrEqual(3);
  expect(sentences.length).toBeLessThanOrEqual(6);
});

it.each([
  [[], /explain takes one circuit or task, or --file FILE/],
  [['nothing_here'], /nothing_here does not exist and is not a task/],
  [['indent_for', '--out', 'x.txt'], /--out x\.txt: give the name of a \.md file/],
  [
    ['--file', 'a.py', '--line', '1', '--column', '1', '--out', 'x.md'],
    /explain --out is for circuits/,
  ],
  [['indent_for'], /has no circuit for indent_for; find one with circuitscope prune/],
])('%j is refused in one line', (args, message) => {
  expect(program.failure('explain', ...args, '--bundle', dir)).toMatch(message);
});

it('refuses a circuit whose edges are not those of the model', () => {
  const circuit = readCircuit(circuitFile('true.json'));
  const edges = circuit.edges.map((edge) => ({ ...edge, weight: 99 }));
  const forged = circuitFile('forged.json', { edges });
  expect(edges.length).toBeGreaterThan(0);
  expect(program.failure('explain', forged, '--bundle', dir)).toMatch(
    /as 99, but in the model it is /,
  );
});

it('refuses a circuit of another model, and a file that is none', () => {
  const other = circuitFile('other.json', { bundle: { name: 'other', hash: 'b'.repeat(64) } });
  expect(program.failure('explain', other, '--bundle', dir)).toMatch(
    /is a circuit of other b{12}, not of/,
  );
  const file = join(program.dir, 'none.json');
  writeFileSync(file, '{"format": 3}');
  expect(program.failure('explain', file, '--bundle', dir)).toMatch(/prune wrote/);
});
