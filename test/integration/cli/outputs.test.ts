/** What commands write: nothing of a person's is replaced, and what cannot be written is said before. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readBundle } from '../../../models/bundles/bundle';
import { circuitText, writeCircuit } from '../../../models/circuits/file/circuitFile';
import { knownCircuit } from '../../e2e/knownCircuitFile';
import { sampleCircuit } from '../../support/circuits';
import { knownParts, knownTaskPairs } from '../circuits/known';
import { bundleIn, randomParts, vocabConfig } from '../runtime/bundles';
import { Program } from './program';

const program = new Program();
afterAll(() => {
  chmodSync(locked, 0o755);
  program.remove();
});
/** A folder that nobody may write to, with a bundle and one of its circuits. */
const locked = join(program.dir, 'locked');
mkdirSync(locked);
const known = bundleIn(locked, knownParts);
const pairs = knownTaskPairs(1, 8, 'masks').map((pair) => JSON.stringify(pair)).join('\n'); // prettier-ignore
writeFileSync(join(locked, 'pairs.jsonl'), pairs);
const { name, hash } = readBundle(known);
const circuit = join(locked, 'circuit.json');
writeFileSync(circuit, circuitText(knownCircuit({ name, hash }, 'pairs.jsonl', pairs)));
const corpus = join(program.dir, 'corpus');
mkdirSync(join(corpus, 'heldout'), { recursive: true });
writeFileSync(join(corpus, 'heldout', 'a.py'), 'def add(self):\n    return 1\n'.repeat(40));
for (const dir of [program.dir, corpus]) chmodSync(dir, 0o755);
for (const dir of [locked, known]) chmodSync(dir, 0o555);

/** The error of a run as a user who is not the owner of anything here. */
function failureOfOther(...args: string[]): string {
  const isRoot = process.getuid?.() === 0;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program.cli, ...args], {
    ...{ encoding: 'utf8', cwd: '/', env: { PATH: process.env.PATH } },
    ...(isRoot && { uid: 65534, gid: 65534 }),
  });
  expect(status, stdout).toBeGreaterThan(0);
  expect(stdout).toBe('');
  return stderr;
}

describe.skipIf(process.platform === 'win32')('what cannot be written', () => {
  const cannot = new RegExp(`: ${locked}[/\\w]* cannot be written to; `);
  it.each([
    ['verify', [circuit, '--bundle', known, '--write']],
    ['label', [known, '--corpus', corpus]],
    ['bundle', ['examples', known, '--corpus', corpus]],
    ['bundle', ['twin', known, known]],
    ['bundle', ['renew', known]],
    ['prune', ['--file', join(locked, 'pairs.jsonl'), '--bundle', known, '--out', join(locked, 'x.json')]], // prettier-ignore
    ['tokenizer', ['--corpus', corpus, '--out', join(locked, 'x.json')]],
    ['explain', [circuit, '--bundle', known, '--out', join(locked, 'x.md')]],
  ])('is said by %s before it works: %j', (command, args) => {
    expect(failureOfOther(command, ...args)).toMatch(cannot);
  });
});

describe('a name that no file can have', () => {
  const none = join(program.dir, 'none.pt');
  writeFileSync(none, 'no circuit');
  it.each([
    ['prune', ['--file', join(locked, 'pairs.jsonl'), '--bundle', known]],
    ['tokenizer', ['--corpus', corpus]],
    ['import', [none, '--bundle', known, '--task', 'with_as']],
  ])('is said by %s before it works', (command, args) => {
    const of = (out: string) => program.failure(command, ...args, '--out', join(program.dir, out));
    expect(of('new/')).toMatch(/: it is the name of a folder; /);
    expect(of('x'.repeat(300))).toMatch(/: it cannot be written \(ENAMETOOLONG\); /);
    expect(of('no folder/x.json')).toMatch(
      /: there is no folder .*; create the folder or give another name/,
    );
    expect(readdirSync(program.dir).filter((file) => file.startsWith('.'))).toEqual([]);
  });
});

it('training looks at its folder before it reads its corpus', () => {
  const run = join(program.dir, 'run');
  mkdirSync(join(run, 'bundle'), { recursive: true });
  writeFileSync(join(run, 'bundle', 'mine'), '');
  const config = 'models/training/configs/python-sparse.json';
  const train = ['train', config, '--corpus', join(program.dir, 'nowhere'), '--out', `${run}/`];
  expect(program.failure(...train)).toMatch(/run\/bundle exists and is not a bundle; give a new/);
  rmSync(join(run, 'bundle'), { recursive: true });
  writeFileSync(join(run, 'checkpoint.safetensors'), '');
  expect(program.failure(...train)).toMatch(/run already has a run; add --resume/);
});

describe('a person’s own file', () => {
  const mine = 'mine, and no copy of it\n';
  const folder = join(program.dir, 'own');
  mkdirSync(folder);
  const own = (file: string): string => {
    const path = join(folder, file);
    writeFileSync(path, mine);
    return path;
  };
  const longer = bundleIn(join(program.dir, 'longer'), randomParts(vocabConfig({ context: 96 })));
  const of = readBundle(longer);
  const told = join(program.dir, 'told.json');
  const drawn = { name: of.name, hash: of.hash };
  writeCircuit(told, sampleCircuit({ bundle: drawn, pairs: { task: 'single_double_quote' }, core: ['0.attn.v.2'], backups: [], cut: [], edges: [], allEdges: 0 })); // prettier-ignore
  const family = 'set_far';
  const predictions = program.file(
    'predictions.jsonl',
    [
      { family, node: '0.mlp.act_in.3', threshold: null, because: 'x' },
      ...[0, 1].map((parameter) => ({ family, parameter, answer: '.add' })),
    ]
      .map((line) => JSON.stringify(line))
      .join('\n'),
  );
  const stress = ['stress', predictions, '--bundle', longer, '--prompts', '2', '--engine', 'onnx'];

  const explain = (out: string) => ['explain', told, '--bundle', longer, '--out', out];
  const tokenizer = ['tokenizer', '--corpus', join(corpus, 'heldout'), '--out'];
  it.each([
    ['a tokenizer.json', 'mine.json', (out: string) => [...tokenizer, out]],
    ['a page that explain wrote', 'mine.md', explain],
    [
      'a picture that explain drew',
      'drawn.svg',
      (out: string) => explain(out.replace('.svg', '.md')),
    ],
  ] as const)('that is not %s stays', (kind, file, args) => {
    const path = own(file);
    expect(program.failure(...args(path))).toContain(
      `exists and is not ${kind}; give another name`,
    );
    expect(readFileSync(path, 'utf8')).toBe(mine);
  });

  it.each(['results.json', 'type_far.svg'])('is not replaced by stress: %s', (file) => {
    const dir = join(program.dir, `stress ${file}`);
    mkdirSync(dir);
    writeFileSync(join(dir, file), mine);
    expect(program.failure(...stress, '--out', dir)).toContain(
      `has a ${file} that stress did not write`,
    );
    expect(readdirSync(dir)).toEqual([file]);
    expect(readFileSync(join(dir, file), 'utf8')).toBe(mine);
  });

  it('gives way where the same command wrote it', () => {
    const out = join(folder, 'again.md');
    for (let i = 0; i < 2; i++) program.run(...explain(out));
    const made = join(folder, 'tokenizer.json');
    for (let i = 0; i < 2; i++) program.run(...tokenizer, made, '--vocab', '270');
    expect(readFileSync(out, 'utf8')).not.toBe(mine);
  });
});

it('the names of files never reach a terminal raw, beside the output either', () => {
  const dir = join(program.dir, 'names');
  mkdirSync(dir);
  writeFileSync(join(dir, '\u001b[31mred.json'), '{}');
  const { stderr } = spawnSync(
    process.execPath,
    [program.cli, 'verify', dir, '--bundle', known, '--json'],
    { encoding: 'utf8' },
  );
  expect(stderr).toContain('\\x1b[31mred.json: ');
  expect(stderr).not.toContain('\u001b');
});
