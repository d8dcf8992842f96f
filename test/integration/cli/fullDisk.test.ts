/**
 * Every command on a disk that is full: one line that says so, an exit code that is not 0, and nothing
 * half written.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { readBundle } from '../../../models/bundles/bundle';
import { writeCircuit } from '../../../models/circuits/file/circuitFile';
import { ModelFolder } from '../../../models/import/modelFolder';
import { sampleCircuit } from '../../support/circuits';
import { randomMeans } from '../../support/models';
import { FIXTURES, silent } from '../../unit/import/fixtures';
import { randomParts, bundleIn, vocabConfig } from '../runtime/bundles';
import { watchedCommands } from '../security/commands';
import { Program } from './program';

// Each test works as a person's command does, and the machine may be busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const program = new Program();
afterAll(() => {
  program.remove();
});

/** A circuit of a model that reads whole prompts, to be told. */
function toldCircuit(): string[] {
  const bundle = bundleIn(join(program.dir, 'told'), randomParts(vocabConfig({ context: 96 })));
  const { name, hash } = readBundle(bundle);
  const file = join(program.dir, 'told.json');
  writeCircuit(file, sampleCircuit({ bundle: { name, hash }, pairs: { task: 'single_double_quote' }, core: ['0.attn.v.2'], backups: [], cut: [], edges: [], allEdges: 0 })); // prettier-ignore
  return [file, '--bundle', bundle];
}

/** A published circuit, and its model as a bundle. */
async function published(): Promise<string[]> {
  const folder = join(FIXTURES, 'openai-catpos');
  const { config, weights } = await ModelFolder.open(folder).read(silent);
  const parts = {
    ...program.parts,
    name: 'catpos',
    config,
    weights,
    means: randomMeans(config, 1),
  };
  const bundle = bundleIn(program.dir, parts);
  return [join(folder, 'viz_data.pt'), '--bundle', bundle, '--task', 'single_double_quote'];
}

const watched = watchedCommands(program);
const argsOf = (name: string) => watched.find((command) => command.name.startsWith(name))!.args;
/** Those that write nothing but what they print. */
const PRINTING =
  /^(--help|trace|loss|kurtosis|explain|concepts|bundle info|task|verify|shrink|unique|copying|steer|tasks)\b/;
/**
 * Commands that stand for all where the output finds no room, since everything is printed by one function (a
 * rule of the linter sees to it): at once, after a pass, in lines on the way, and JSON.
 */
const SPEAKING = /^(--help|tasks|trace|tokenizer|train, with)/;
const further = [
  { name: 'tasks', args: ['tasks', '--list'] },
  { name: '--help', args: ['--help'] },
];
const commands = [...watched, ...further].map(({ name, args }) => ({ name, args }));

interface Run {
  readonly args: readonly string[];
  /** Blocks of 1 KiB that a file may have. */
  readonly most?: number;
  /** Where standard output goes; a pipe by default. */
  readonly out?: string;
}

/** The lines on standard error of a run that fails. */
function failure({ args, most, out }: Run): string[] {
  const stdout = out === undefined ? 'pipe' : openSync(out, 'w');
  const limit = most === undefined ? '' : `trap '' XFSZ; ulimit -f ${most};`;
  const command = ['-c', `${limit} exec "$@"`, 'bash', process.execPath, program.cli, ...args];
  const { status, stderr } = spawnSync('bash', command, {
    ...{ encoding: 'utf8', stdio: ['ignore', stdout, 'pipe'] },
    env: { PATH: process.env.PATH, HOME: join(program.dir, 'home') },
  });
  if (typeof stdout === 'number') closeSync(stdout);
  expect(status, stderr).toBe(1);
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
  return stderr.trimEnd().split('\n');
}

/** Every file below the folder by what is in it. */
function contents(): Map<string, string> {
  const paths = readdirSync(program.dir, { recursive: true, encoding: 'utf8' });
  const files = paths.filter((path) => statSync(join(program.dir, path)).isFile());
  return new Map(
    files.map((path) => {
      const hash = createHash('sha256').update(readFileSync(join(program.dir, path)));
      return [path, hash.digest('hex')];
    }),
  );
}

/** What a run of training has written before it needs more room; a run goes on from it or begins anew. */
const BEGUN = ['run/config.json', 'run/metrics.jsonl'];

const settled = () => new Map([...contents()].filter(([path]) => !BEGUN.includes(path)));

/** A run whose files may have no more than 1 KiB says so and leaves every file as it was. */
function leavesAll(args: readonly string[], most = 1): void {
  const before = settled();
  const lines = failure({ args, most });
  expect(lines.at(-1)).toMatch(/^circuitscope: \/\S+ cannot be written \(EFBIG\); [^\n]+$/);
  expect(settled()).toEqual(before);
}

describe.skipIf(process.platform === 'win32')('a full disk', () => {
  it.each(commands.filter(({ name }) => !PRINTING.test(name)))(
    'leaves all as it was: $name',
    ({ args }) => {
      leavesAll(args);
    },
  );

  it.skipIf(process.platform !== 'linux').each(commands.filter(({ name }) => SPEAKING.test(name)))(
    'cannot hold the output of $name',
    ({ args }) => {
      const lines = failure({ args, out: '/dev/full' });
      expect(lines.at(-1)).toMatch(
        /^circuitscope: the output could not be written in full \(ENOSPC\); free some space/,
      );
    },
  );

  it('leaves no lock where not even that can be written', () => {
    leavesAll(argsOf('train, with'), 0);
  });

  it('leaves both files of explain, and a published circuit, unwritten', async () => {
    leavesAll(['explain', ...toldCircuit(), '--out', join(program.dir, 'told.md')]);
    leavesAll(['import', ...(await published())]);
  });

  it('ends a folder of circuits at the first whose proof cannot be kept', () => {
    const [, , pairs, , circuit] = argsOf('prune');
    if (!existsSync(circuit)) program.run(...argsOf('prune'));
    const folder = join(program.dir, 'circuits');
    mkdirSync(folder);
    cpSync(pairs, join(folder, 'pairs.jsonl'));
    for (const name of ['a.json', 'b.json']) cpSync(circuit, join(folder, name));
    leavesAll(['verify', folder, '--write', ...argsOf('verify').slice(2)]);
  });

  it('is met by every command that there is', () => {
    const listed = [...program.run('--help').matchAll(/^ {2}(\w+) {2,}/gm)].map(([, name]) => name);
    const met = commands.map(({ args }) => args[0]).filter((name) => name !== '--help');
    expect([...new Set(met)].sort()).toEqual(listed.sort());
  });
});
