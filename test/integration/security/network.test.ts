/** No command opens a socket by Node's modules, in any of its threads. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Program } from '../cli/program';
import { watchedCommands } from './commands';

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

const THREAD = /^thread (\d+) (started|runs|ended)(?: (.*))?$/;

/** What each thread ran, when every thread was watched to its end and nothing else was noted. */
function threadsOf(noted: readonly string[]): string[] {
  const of = (what: string) =>
    noted.flatMap((line) => {
      const found = THREAD.exec(line);
      expect(found, line).not.toBeNull();
      return found?.[2] === what ? [{ id: found[1], file: found[3] }] : [];
    });
  const ids = (what: string) =>
    of(what)
      .map(({ id }) => id)
      .toSorted();
  expect(ids('runs')).toEqual(['0', ...ids('started')].toSorted());
  expect(ids('ended')).toEqual(ids('runs'));
  return of('runs').map(({ file }) => file);
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

describe('of threads', () => {
  const waits = program.file('waits.cjs', 'setTimeout(() => {}, 50)');
  const start = (options: string, then = '') =>
    watched(
      '--eval',
      `const worker = new (require('worker_threads').Worker)(${JSON.stringify(waits)}, ${options});${then}`,
    ).noted;

  it('one that is watched to its end is known', () => {
    expect(threadsOf(start('{}'))).toHaveLength(2);
  });

  it.each([
    ['is not watched', '{ execArgv: [] }', ''],
    ['does not come to its end', '{}', "worker.on('online', () => worker.terminate())"],
  ])('one that %s is missed', (_, options, then) => {
    expect(() => threadsOf(start(options, then))).toThrow();
  });
});

describe('no socket is opened by circuitscope', () => {
  it.each(watchedCommands(program))('$name', ({ args, threads }) => {
    const { status, errors, noted } = watched(program.cli, ...args);
    expect(status, errors).toBe(0);
    // Helpers are as many as the machine has cores for, where the sparse engine is the faster one.
    const files = threadsOf(noted).filter((file) => file !== 'sparse-helper.js');
    expect(files).toEqual(['cli.js', ...threads]);
  });
});
