/** No command opens a socket, in any of its threads. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../models/random';
import { pairsText } from '../../../models/tasks/source';
import { generateProgram } from '../../../models/training/idioms';
import { knownPairs, knownParts } from '../circuits/known';
import { at, Program } from '../cli/program';
import { built } from '../runtime/built';
import { bundleIn } from '../runtime/bundles';
import { tinyRun } from '../training/tiny';

const program = new Program();
afterAll(() => {
  program.remove();
});
const hook = new URL('./no-network.mjs', import.meta.url).href;

/** Runs Node with the hook; what the hook noted, and how the program ended. */
function watched(...args: string[]) {
  const log = join(program.dir, 'network.log');
  rmSync(log, { force: true });
  // Files, because Node's pipes to a child are sockets.
  const [out, err] = ['out', 'err'].map((name) => openSync(join(program.dir, name), 'w'));
  const { status } = spawnSync(process.execPath, ['--import', hook, ...args], {
    stdio: ['ignore', out, err],
    env: { ...process.env, CIRCUITSCOPE_NETWORK_LOG: log },
  });
  for (const file of [out, err]) closeSync(file);
  const noted = readFileSync(log, 'utf8').trimEnd().split('\n');
  const errors = readFileSync(join(program.dir, 'err'), 'utf8');
  return { status, errors, noted };
}

/** The threads that ended, when nothing else was noted. */
function threadsOf(...args: string[]): number {
  const { status, errors, noted } = watched(program.cli, ...args);
  expect(status, errors).toBe(0);
  for (const line of noted) expect(line).toMatch(/^thread \d+ ended$/);
  return noted.length;
}

/** A tiny training run's settings and corpus. */
function training(): string[] {
  const config = tinyRun({ steps: 2 });
  const model = { ...config.model, bigram: 'none' };
  const file = program.file('run.json', JSON.stringify({ ...config, model }));
  const corpus = join(program.dir, 'corpus');
  for (const part of ['train', 'heldout']) {
    mkdirSync(join(corpus, part), { recursive: true });
    const programs = Array.from({ length: 20 }, (_, i) => generateProgram(new Rng(part, i)));
    writeFileSync(join(corpus, part, 'a.py'), programs.join('\n'));
  }
  return ['train', file, '--corpus', corpus, '--out', join(program.dir, 'run')];
}

const threadFile = program.file('thread.cjs', "require('net').connect(9, '127.0.0.1')");

describe('the hook', () => {
  it.each([
    ['connect', "require('net').connect(9, '127.0.0.1')"],
    ['listen', "require('net').createServer().listen(0)"],
    ['connect', "require('http').get('http://127.0.0.1:9')"],
    ['fetch', "fetch('http://127.0.0.1:9')"],
    ['createSocket', "require('dgram').createSocket('udp4')"],
    ['lookup', "require('dns').lookup('localhost', () => {})"],
    ['connect', `new (require('worker_threads').Worker)(${JSON.stringify(threadFile)})`],
  ])('notes %s of %s', (what, code) => {
    const { status, noted } = watched('--eval', code);
    expect(noted).toContain(what);
    expect(status).not.toBe(0);
  });
});

describe('no socket is opened by circuitscope', () => {
  const bundle = () => ['--bundle', program.bundle];

  it('trace, with its worker', () => {
    const threads = threadsOf('trace', program.python, ...at(2, 12), '--effects', ...bundle());
    expect(threads).toBe(2);
  });

  it('loss', () => {
    expect(threadsOf('loss', program.python, ...bundle())).toBe(2);
  });

  it('bundle info', () => {
    expect(threadsOf('bundle', 'info', program.bundle)).toBe(1);
  });

  it('task, prune and verify, with their worker', () => {
    built('circuit-worker.js');
    const known = ['--bundle', bundleIn(program.dir, knownParts)];
    const pairs = program.file('pairs.jsonl', pairsText(knownPairs.pairs(1, 24, 'train')));
    const out = join(program.dir, 'circuit.json');
    const quick = ['--runs', '1', '--steps', '60', '--seconds', '500'];
    expect(threadsOf('task', '--file', pairs, ...known)).toBe(2);
    expect(threadsOf('prune', '--file', pairs, '--out', out, ...quick, ...known)).toBe(2);
    expect(threadsOf('verify', out, ...known)).toBe(2);
  });

  it('train, with a thread for each replica, and its export', () => {
    expect(threadsOf(...training())).toBe(3);
  });
});
