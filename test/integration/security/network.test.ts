/** What watches the ways to the network misses none of Node's, in any thread. */
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../runtime/bundles';
import { hooked, threadsOf } from './hook';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';

const folder = temporaryFolder();
afterAll(() => {
  folder.remove();
});
const file = (name: string, code: string) => {
  const path = join(folder.dir, name);
  writeFileSync(path, code);
  return path;
};
const watched = (...args: string[]) => hooked({ dir: folder.dir }, ...args);

const threadFile = file('thread.cjs', "require('net').connect(9, '127.0.0.1')");

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
  const waits = file('waits.cjs', 'setTimeout(() => {}, 50)');
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
