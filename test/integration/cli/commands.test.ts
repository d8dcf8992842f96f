/** Every command's bad input, and the commands but trace. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBundle } from '../../../models/bundles/bundle';
import type { TwinReport } from '../../../models/cli/bundleTwin';
import { parameterSpecs } from '../../../models/transformer/parameters';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundleIn, identityBridges } from '../runtime/bundles';
import { at, Program, text } from './program';

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

describe.each(['trace', 'loss'])('%s refuses files that are no text', (command) => {
  const place = command === 'trace' ? at(1, 1) : [];

  it('missing', () => {
    const message = failure(command, join(program.dir, 'no.py'), ...place, '--bundle', bundle);
    expect(message).toContain('no.py does not exist; check the path');
  });
  it('empty', () => {
    const message = failure(command, program.file('empty.py', ''), ...place, '--bundle', bundle);
    expect(message).toMatch(/empty/);
  });
  it('binary', () => {
    const binary = program.file('binary.py', Uint8Array.of(1, 2, 0, 3));
    expect(failure(command, binary, ...place, '--bundle', bundle)).toContain('is binary');
  });
  it('not UTF-8', () => {
    const latin = program.file('latin.py', Buffer.from('x = "é"\n', 'latin1'));
    expect(failure(command, latin, ...place, '--bundle', bundle)).toContain('save it as UTF-8');
  });
  it('larger than the limit', () => {
    const huge = program.file('huge.py', '');
    truncateSync(huge, 40 * 2 ** 20);
    expect(failure(command, huge, ...place, '--bundle', bundle)).toContain('the limit is');
  });
});

describe('kurtosis', () => {
  it('names every place of the residual stream, with a number of at least 1', () => {
    const stdout = program.run('kurtosis', python, '--bundle', bundle, '--json');
    const report = JSON.parse(stdout) as { kurtosis: { place: string; kurtosis: number }[] };
    const places = report.kurtosis.map(({ place }) => place);
    expect(places).toEqual(['embed', '0.attn', '0.mlp', '1.attn', '1.mlp']);
    for (const { kurtosis } of report.kurtosis) expect(kurtosis).toBeGreaterThanOrEqual(1);
  });
});

describe.skipIf(process.platform === 'win32')('standard output', () => {
  const command = () => `"${process.execPath}" "${program.cli}" tasks --list`;
  const shell = (line: string) => spawnSync('bash', ['-c', line], { encoding: 'utf8' });

  it('that is full is an error in one line', () => {
    const { status, stderr } = shell(`${command()} > /dev/full`);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^circuitscope: the output could not be written .*\(ENOSPC\)[^\n]*\n$/);
  });

  it('that is cut at a limit is an error too', () => {
    const file = join(program.dir, 'cut.txt');
    const { status, stderr } = shell(`trap '' XFSZ; ulimit -f 1; ${command()} > "${file}"`);
    expect(status).toBe(1);
    expect(stderr).toContain('the output could not be written in full (EFBIG)');
  });

  it('that nobody reads any more is none', () => {
    const { stderr } = shell(`set -o pipefail; ${command()} | head -c 10 > /dev/null`);
    expect(stderr).toBe('');
  });
});

describe('loss', () => {
  it('agrees with the traces before every token', () => {
    const short = program.file('short.py', 'x = 1\n');
    const report = program.loss(short);
    expect(report).toMatchObject({ files: 1, skipped: [], bytes: 6 });
    const traces = [1, 2, 5].map((column) => program.trace(short, ...at(1, column)));
    const inner = new Map(
      traces.filter(({ next }) => next).map((t) => [t.token.index, t.next!.logprob]),
    );
    expect(inner.size).toBe(report.tokens - 1);
    // The first token, predicted from the end-of-text, is what the traces leave out.
    const first =
      report.nats_per_token * report.tokens + [...inner.values()].reduce((a, b) => a + b, 0);
    expect(first).toBeGreaterThan(0);
    expect(report.bits_per_byte).toBeCloseTo(
      (report.nats_per_token * report.tokens) / Math.LN2 / 6,
      6,
    );
    expect(report.bigram_nats_per_token).toBeGreaterThan(0);
    const [top, five] = [report.first_share, report.first_five_share].map((s) => s * report.tokens);
    expect([top, five].every((count) => Math.abs(count - Math.round(count)) < 1e-9)).toBe(true);
    expect(five).toBeGreaterThanOrEqual(top);
  });

  it('sums files and skips what is no text in folders', () => {
    const dir = join(program.dir, 'package', 'inner');
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'a.py'), text);
    writeFileSync(join(dir, 'b.py'), 'x = 1\n');
    writeFileSync(join(dir, 'latin.py'), Buffer.from('é', 'latin1'));
    writeFileSync(join(dir, 'notes.txt'), 'nothing');
    const whole = program.loss(join(program.dir, 'package'));
    expect(whole).toMatchObject({ files: 2, bytes: text.length + 6 });
    expect(whole.skipped.map(({ file }) => file)).toEqual([join(dir, 'latin.py')]);
    const [a, b] = ['a.py', 'b.py'].map((name) => program.loss(join(dir, name)));
    expect(whole.tokens).toBe(a.tokens + b.tokens);
    const nats = a.nats_per_token * a.tokens + b.nats_per_token * b.tokens;
    expect(whole.nats_per_token * whole.tokens).toBeCloseTo(nats, 3);
    expect(program.run('loss', dir, '--bundle', bundle)).toMatch(
      /^skipped .*latin\.py: it is not in UTF-8/,
    );
  });

  it('asks for files', () => {
    expect(failure('loss')).toContain('loss takes files or folders');
    const bare = join(program.dir, 'bare');
    mkdirSync(bare);
    expect(failure('loss', bare)).toContain('bare has no .py files');
  });
});

describe('copying', () => {
  it('says for every role and length of names how many are right', () => {
    const args = ['copying', '--prompts', '2', '--bundle', bundle];
    const rows = JSON.parse(program.run(...args, '--json')) as { first: number; whole: number }[];
    expect(rows).toHaveLength(10);
    for (const { first, whole } of rows) expect(whole).toBeLessThanOrEqual(first);
    expect(program.run(...args)).toMatch(/^role +names +prompts +first token +whole name\nfield /);
  });
  it('takes no arguments and at least one prompt', () => {
    expect(failure('copying', 'field')).toContain('copying takes no arguments');
    expect(failure('copying', '--prompts', '0')).toContain('--prompts 0');
  });
});

describe('bundle info', () => {
  it('counts the weights of every parameter', () => {
    const report = JSON.parse(program.run('bundle', 'info', bundle, '--json')) as {
      config: unknown;
      parameters: {
        total: number;
        nonzero: number;
        parameters: { name: string; nonzero: number }[];
      };
    };
    expect(report.config).toEqual(program.parts.config);
    const { parameters } = report.parameters;
    expect(parameters.map(({ name }) => name)).toEqual(
      parameterSpecs(program.parts.config).map(({ name }) => name),
    );
    for (const { name, nonzero } of parameters) {
      expect(nonzero, name).toBe(program.parts.weights.get(name)!.filter((x) => x !== 0).length);
    }
    expect(report.parameters.nonzero).toBe(
      parameters.reduce((sum, { nonzero }) => sum + nonzero, 0),
    );
  });

  it('is a table without --json', () => {
    const table = program.run('bundle', 'info', bundle);
    expect(table).toMatch(/layers\.0\.mlp\.in\.weight +19 × 32 +\d+ +608 +\d+\.\d %/);
    const [rest, all] = ['all but the bigram table', 'all'].map((name) =>
      new RegExp(`^${name} +(\\d+) +(\\d+) `, 'm').exec(table)!,
    );
    const counted = /^bigram\.table +\S+ × \S+ +(\d+) +(\d+) /m.exec(table)!;
    for (const i of [1, 2]) expect(Number(rest[i]) + Number(counted[i])).toBe(Number(all[i]));
  });

  it('says which dense model it is bridged to', () => {
    const plain = JSON.parse(program.run('bundle', 'info', bundle, '--json')) as object;
    expect(plain).toMatchObject({ bridges: null });
    expect(program.run('bundle', 'info', bundle)).not.toContain('bridged');
    const { config } = program.parts;
    const hash = 'b'.repeat(64);
    const bridges = identityBridges({ name: 'big', hash }, config);
    const bridged = bundleIn(program.dir, { ...program.parts, name: 'bridged', bridges });
    const report = JSON.parse(program.run('bundle', 'info', bridged, '--json')) as object;
    const { dModel } = config;
    expect(report).toMatchObject({ bridges: { name: 'big', hash, encoderKept: dModel } });
    expect(program.run('bundle', 'info', bridged)).toContain(
      `bridged to big bbbbbbbbbbbb; each encoder keeps ${dModel} channels`,
    );
  });

  it('refuses bundles that are cut short, changed or missing', () => {
    const damaged = join(program.dir, 'damaged');
    cpSync(bundle, damaged, { recursive: true });
    const config = join(damaged, 'config.json');
    const original = readFileSync(config, 'utf8');
    writeFileSync(config, original.replace('"layers": 2', '"layers": 3'));
    expect(failure('bundle', 'info', damaged)).toContain('its SHA-256 differs');
    expect(failure('trace', python, ...at(1, 1), '--bundle', damaged)).toContain(
      'its SHA-256 differs',
    );
    truncateSync(config, 40);
    expect(failure('bundle', 'info', damaged)).toContain('config.json has 40 bytes instead of');
    expect(failure('loss', python, '--bundle', damaged)).toContain('config.json has 40 bytes');
    expect(failure('bundle', 'info', 'nowhere')).toContain("no bundle 'nowhere'; give the path");
    expect(failure('bundle', 'show', bundle)).toContain('usage: circuitscope bundle info');
  });
});

describe('bundle examples', () => {
  it('can be taken out again, and nothing else changes', () => {
    const dir = join(program.dir, 'without examples');
    cpSync(join('models', 'bundles', 'python-dense'), dir, { recursive: true });
    const files = () => readdirSync(dir, { withFileTypes: true }).filter((file) => file.isFile());
    const named = () => files().map(({ name }) => name);
    const [before, { hash }] = [named(), readBundle(dir)];
    const contents = new Map(before.map((name) => [name, readFileSync(join(dir, name))]));
    expect(program.run('bundle', 'examples', dir, '--remove')).toContain('no examples');
    expect(named()).toEqual(before.filter((name) => name !== 'examples.safetensors'));
    expect(before).toContain('examples.safetensors');
    for (const name of named().filter((one) => one !== 'bundle.json')) {
      expect(readFileSync(join(dir, name)).equals(contents.get(name)!)).toBe(true);
    }
    const after = readBundle(dir);
    expect([after.hash, after.examples]).toEqual([hash, null]);
    for (const wrong of [['--remove', '--corpus', dir], []]) {
      expect(program.failure('bundle', 'examples', dir, ...wrong)).toContain('usage:');
    }
    expect(program.failure('bundle', 'info', dir, '--remove')).toContain('usage:');
  });
});

describe('bundle twin', () => {
  const shipped = (name: string) => join('models', 'bundles', name);

  it("says in the card how far the other model's held-out losses are, and nothing else changes", () => {
    const dir = join(program.dir, 'paired');
    cpSync(shipped('python-sparse'), dir, { recursive: true });
    mkdirSync(join(dir, 'circuits'), { recursive: true });
    writeFileSync(join(dir, 'circuits', 'own.json'), '{}');
    const before = readBundle(dir);
    const report = JSON.parse(
      program.run('bundle', 'twin', dir, shipped('python-dense'), '--json'),
    ) as TwinReport;
    const { heldOutOrdinary, heldOutIdioms } = before.card.natsPerToken as Record<string, number>;
    expect(report.difference).toEqual({
      ordinary: report.heldOutOrdinary - heldOutOrdinary,
      idioms: report.heldOutIdioms - heldOutIdioms,
    });
    const after = readBundle(dir);
    expect(after.card).toEqual({ ...before.card, denseTwin: report });
    expect(after.hash).toBe(before.hash);
    expect(readFileSync(join(dir, 'circuits', 'own.json'), 'utf8')).toBe('{}');
    const examples = (from: string) => readFileSync(join(from, 'examples.safetensors'));
    expect(examples(dir).equals(examples(shipped('python-sparse')))).toBe(true);
    expect(readFileSync(join(dir, 'README.md'), 'utf8')).toContain(report.hash);
  });

  it('refuses a model whose card has no losses', () => {
    expect(failure('bundle', 'twin', bundle, shipped('python-dense'))).toContain(
      'its card has no held-out losses',
    );
    expect(failure('bundle', 'twin', bundle)).toContain('or bundle twin NAME|DIR DENSE');
  });
});

describe('the program', () => {
  it('explains itself and every command', () => {
    const help = program.run('--help');
    const commands = Array.from(help.matchAll(/^ {2}(\w+) {2}/gm), ([, name]) => name);
    expect(commands).toEqual(expect.arrayContaining(['trace', 'loss', 'bundle', 'train']));
    for (const command of commands) {
      const own = program.run(command, '--help');
      expect(own).toMatch(new RegExp(`^circuitscope ${command} `));
      // A page's place may be longer.
      const long = own.split('\n').filter((line) => line.length > 110 && !line.endsWith('.md'));
      expect(long, command).toEqual([]);
    }
    expect(program.run('help', 'loss')).toBe(program.run('loss', '--help'));
    expect(failure('help', 'nonsense')).toContain("unknown command 'nonsense'");
    expect(failure('trace', python)).toContain('add --line L --column C, or --token N');
  });

  it('refuses unknown commands and none', () => {
    expect(failure('tracee')).toContain("unknown command 'tracee'; the commands are trace,");
    expect(failure('constructor')).toContain("unknown command 'constructor'");
    expect(failure()).toContain('no command; see circuitscope --help');
  });

  it('asks train for what it needs', () => {
    expect(failure('train', 'x.json')).toContain('train CONFIG --corpus DIR --out DIR');
    const torch = ['train', 'x.json', '--corpus', 'c', '--out', 'o', '--engine', 'torch'];
    expect(failure(...torch, '--generated', '99999')).toContain('it is at most 1000');
    expect(
      failure('train', 'no.json', '--corpus', program.dir, '--out', join(program.dir, 'run')),
    ).toContain('no.json');
    const configs = 'models/training/configs';
    const from = (config: string) => {
      const train = ['train', config, '--from', 'python-sparse'];
      return failure(...train, '--corpus', program.dir, '--out', join(program.dir, 'run'));
    };
    const differs = "its config.json differs from the settings' model";
    expect(from(join(configs, 'python-dense.json'))).toContain(differs);
    // The same widths, all activations kept: what is wrong is the corpus.
    const { model, ...settings } = JSON.parse(
      readFileSync(join(configs, 'python-sparse-8.json'), 'utf8'),
    ) as { model: { activationFraction: object } };
    const activationFraction = { ...model.activationFraction, 'mlp.post_act': 1 };
    const whole = join(program.dir, 'whole.json');
    writeFileSync(whole, JSON.stringify({ ...settings, model: { ...model, activationFraction } }));
    expect(from(whole)).not.toContain(differs);
    expect(from(whole)).toContain(program.dir);
  });

  it('goes without a word when its reader stops reading', () => {
    const command = `"${process.execPath}" "${program.cli}" trace "${python}" --line 1 --column 1 --top 0 --json --bundle "${bundle}" | head -n 1`;
    const { stdout, stderr } = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8' });
    expect(stdout).toBe('{\n');
    expect(stderr).toBe('');
  });
});
