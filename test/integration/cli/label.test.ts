/** `circuitscope label` on a tiny model: the bundle that it leaves, and what it refuses. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { readBundle } from '../../../models/bundles/bundle';
import { isCausal, labelsOfNode, labelText } from '../../../models/bundles/labels';
import { Rng } from '../../../models/random';
import { generateProgram } from '../../../models/training/idioms';
import { bundleIn } from '../runtime/bundles';
import { Program } from './program';

const program = new Program();
afterAll(() => {
  program.remove();
});

/** Sites that are labelled when a run is killed: some of whose nodes have labels. */
const SITES = 8;

/** Held-out programs. */
function corpus(name: string, repeat: number, first = ''): string {
  const dir = join(program.dir, name, 'heldout');
  mkdirSync(dir, { recursive: true });
  for (let i = 0; i < 30; i++) {
    writeFileSync(
      join(dir, `${i}.py`),
      first + generateProgram(new Rng('label', i)).repeat(repeat),
    );
  }
  return join(program.dir, name);
}

it('adds labels with scores to a bundle, whose hash and other files stay as they are', () => {
  const before = readBundle(program.bundle);
  const files = readdirSync(program.bundle);
  const args = ['label', program.bundle, '--corpus', corpus('corpus', 3), '--windows', '40'];
  const report = JSON.parse(program.run(...args, '--json')) as {
    nodes: { some: number; all: number };
  };
  const after = readBundle(program.bundle);
  expect(after.hash).toBe(before.hash);
  expect(readdirSync(program.bundle).sort()).toEqual([...files, 'labels.json'].sort());
  const kept = program.run('label', program.bundle, '--kept', '--json');
  expect(JSON.parse(kept)).toEqual(report);
  const { labels } = after;
  // Nodes of a random model know at least which token they are at.
  expect(Object.keys(labels!.nodes)).toHaveLength(report.nodes.some);
  expect(report.nodes.some).toBeGreaterThan(5);
  for (const label of Object.values(labels!.nodes).flatMap(labelsOfNode)) {
    expect(label.correlation).toBeGreaterThanOrEqual(labels!.accepted.correlation);
    expect(labelText(labels!, label)).toMatch(/^[^\d].+/);
    expect(typeof isCausal(label)).toBe('boolean');
  }
  expect(labels!.ablations).toBe(1);

  // The other way: from a concept to its nodes.
  const concepts = program.run('concepts', '--bundle', program.bundle);
  const first = concepts.split('\n')[1].replace(/ {2,}\d.*/, '');
  expect(labels!.concepts).toContain(first);
  const nodes = program.run('concepts', first, '--bundle', program.bundle);
  expect(nodes).toMatch(/AUROC/);
  expect(nodes.split('\n').length).toBeGreaterThan(1);
  const printed = JSON.parse(
    program.run('concepts', first, '--json', '--bundle', program.bundle),
  ) as { node: string; sign: 'positive' | 'negative'; label: Record<string, unknown> }[];
  expect(printed.length).toBe(nodes.trimEnd().split('\n').length - 1);
  for (const { node, sign, label } of printed) {
    const kept = labels!.nodes[node][sign]!;
    const terms = label.terms as { concept: string; holds: boolean }[];
    const words = terms.map(({ concept, holds }) => (holds ? concept : `not ${concept}`));
    expect(words.join(' and ')).toBe(labelText(labels!, kept));
    expect(label.text).toBe(labelText(labels!, kept));
    expect(label.ablated).toEqual(kept.causal);
    expect(label.confirmed).toBe(kept.causal && isCausal(kept));
  }
  // Some at random, the same for the same seed.
  const draw = (...args: string[]) =>
    program.run('concepts', '--draw', '3', ...args, '--bundle', program.bundle);
  const drawn = draw();
  expect(drawn.match(/at its strongest/g)).toHaveLength(3);
  expect(draw('--seed', '1')).toBe(drawn);
  expect(draw('--seed', '2')).not.toBe(drawn);
  // With examples, in groups.
  expect(drawn).not.toContain('percentile');
  program.run('bundle', 'examples', program.bundle, '--corpus', corpus('corpus', 3));
  expect(draw()).toMatch(
    /\n {2}strongest\n {4}.*«.*\n(.*\n)* {2}around the 90th percentile\n {4}.*«/,
  );
  const [told] = JSON.parse(draw('--json')) as {
    examples: { percentile: number | null; activation: number; token: string }[];
  }[];
  expect(new Set(told.examples.map(({ percentile }) => percentile))).toContain(90);
  const sizes = told.examples.map(({ activation }) => Math.abs(activation));
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  expect(program.failure('concepts', first, '--draw', '3', '--bundle', program.bundle)).toMatch(
    /give --draw or a concept, not both/,
  );
  expect(program.failure('concepts', 'nonsense', '--bundle', program.bundle)).toMatch(
    /no concept "nonsense"; see circuitscope concepts/,
  );
});

it('goes on where it was killed, to the same labels, and takes nothing over from another text', async () => {
  const made = (name: string) => bundleIn(join(program.dir, name), program.parts);
  const args = (bundle: string, text: string) => [
    ...['label', bundle, '--corpus', text, '--windows', '40'],
  ];
  const labelsOf = (bundle: string) => readFileSync(join(bundle, 'labels.json'), 'utf8');
  const [text, other] = [corpus('one', 3), corpus('two', 3, 'import os\n')];
  const whole = made('whole');
  program.run(...args(whole, text));
  const killed = made('killed');
  const soFar = join(killed, '.labels-so-far.json');
  const child = spawn(process.execPath, [program.cli, ...args(killed, text)], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const sites = () =>
    existsSync(soFar) ? (JSON.parse(readFileSync(soFar, 'utf8')) as { sites: [] }).sites.length : 0;
  while (sites() < SITES && child.exitCode === null) await setTimeout(2);
  child.kill('SIGKILL');
  await ended;
  expect(existsSync(soFar)).toBe(true);
  expect(existsSync(join(killed, 'labels.json'))).toBe(false);
  const kept = readFileSync(soFar, 'utf8');
  program.run(...args(killed, text));
  expect(labelsOf(killed)).toBe(labelsOf(whole));
  expect(existsSync(soFar)).toBe(false);
  // As many files, of other text.
  const [fresh, mixed] = [made('fresh'), made('mixed')];
  program.run(...args(fresh, other));
  writeFileSync(join(mixed, '.labels-so-far.json'), kept);
  program.run(...args(mixed, other));
  expect(labelsOf(mixed)).toBe(labelsOf(fresh));
  expect(labelsOf(mixed)).not.toBe(labelsOf(whole));
});

it('says that a bundle without labels has none, and how to make them', () => {
  const bare = bundleIn(join(program.dir, 'bare'), program.parts);
  expect(program.failure('concepts', '--bundle', bare)).toMatch(/has no labels; make them with/);
});

it.each([
  [[], /circuitscope label NAME\|DIR --corpus DIR/],
  [['--windows', '3', '--corpus', 'x'], /--windows must be a whole number from 8 to 4096/],
  [['--corpus', 'nowhere'], /nowhere/],
])('%j is refused in one line', (args, message) => {
  expect(program.failure('label', program.bundle, ...args)).toMatch(message);
});

it('says that texts are too short for a window, and leaves the bundle as it was', () => {
  const dir = join(program.dir, 'short', 'heldout');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'a.py'), 'x = 1\n'.repeat(10));
  const before = existsSync(join(program.bundle, 'labels.json'));
  const message = program.failure('label', program.bundle, '--corpus', join(program.dir, 'short'));
  expect(message).toMatch(/no text has \d+ tokens or more|no usable \.py files/);
  expect(existsSync(join(program.bundle, 'labels.json'))).toBe(before);
});
