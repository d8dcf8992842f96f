/**
 * What the system sees of every command: no connection to anything, and nothing written outside the
 * folder that it was given, native libraries and all their threads included.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { randomWeights } from '../../support/models';
import { at, Program } from '../cli/program';
import { bundleIn } from '../runtime/bundles';
import { watchedCommands } from './commands';

const HAS_STRACE = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0;
if (!HAS_STRACE) console.log('skipped: what commands do outside their folder; install strace');

const program = new Program();
afterAll(() => {
  program.remove();
});

/** Whatever leaves the process or changes a name, a link, a length or a right. */
const CALLS =
  'network,open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,' +
  'link,linkat,symlink,symlinkat,truncate,chmod,fchmodat,mknod,mknodat';
/** The process's own pipes are local; everything else is a way out. */
const LOCAL =
  /^(socketpair|socket)\(AF_UNIX\b|^(sendmsg|recvmsg|sendto|recvfrom|shutdown|getsockopt)\(\d+/;
const NETWORK =
  /^(socket|socketpair|connect|bind|listen|accept4?|sendto|sendmmsg|sendmsg|recv\w*)\(/;
const WRITES =
  /^(open(at2?)?\(.*O_(WRONLY|RDWR|CREAT)|(creat|rmdir|truncate|mkdir\w*|rename\w*|unlink\w*|(sym)?link(at)?|f?chmod\w*|mknod\w*)\()/;

/** Ways out of the process, and paths that it changed or tried to change, in the order of its calls. */
function watched(home: string, command: string, ...args: string[]) {
  const log = join(program.dir, 'calls.log');
  const { status, stderr } = spawnSync(
    'strace',
    ['-f', '-qq', '-e', `trace=${CALLS}`, '-o', log, command, ...args],
    { cwd: home, env: { PATH: process.env.PATH, HOME: home }, encoding: 'utf8' },
  );
  const calls = readFileSync(log, 'utf8')
    .split('\n')
    .map((line) => line.replace(/^\d+\s+/, ''));
  const ways = calls.filter((call) => NETWORK.test(call) && !LOCAL.test(call));
  const paths = calls
    .filter((call) => WRITES.test(call))
    // A name may go from one place to another: both count.
    .flatMap((call) => {
      const named = Array.from(call.matchAll(/"((?:[^"\\]|\\.)*)"/g), ([, path]) => path);
      return named.length > 0 ? named : [call];
    });
  return { status, stderr, ways, paths };
}

function freshHome(): string {
  return mkdtempSync(join(program.dir, 'home-'));
}

describe.skipIf(!HAS_STRACE)('the watch', () => {
  const node = (code: string) => watched(freshHome(), process.execPath, '--eval', code);

  it('notices a connection and a file elsewhere, from other threads as well', () => {
    const connect = "require('net').connect(9, '127.0.0.1').on('error', () => {})";
    expect(node(connect).ways.length).toBeGreaterThan(0);
    const inThread = `new (require('worker_threads').Worker)(${JSON.stringify(connect)}, { eval: true })`;
    expect(node(inThread).ways.length).toBeGreaterThan(0);
    expect(node("require('fs').writeFileSync('here', '')").paths).toContain('here');
    const away = "require('fs').writeFileSync('a', ''), require('fs').renameSync('a', 'elsewhere')";
    expect(node(away).paths).toContain('elsewhere');
    expect(node("require('fs').symlinkSync('a', 'link')").paths).toContain('link');
  });

  it('notices what ONNX Runtime does where nobody switched its reports off', () => {
    const runtime = createRequire(import.meta.url).resolve('onnxruntime-node');
    const code =
      `require(${JSON.stringify(runtime)}).InferenceSession.create(new Uint8Array(4))` +
      '.catch(() => {})';
    expect(node(code).paths.filter((path) => !path.startsWith('/dev/'))).not.toEqual([]);
  });
});

describe.skipIf(!HAS_STRACE)('nothing leaves the folder that a command was given', () => {
  it.each(watchedCommands(program))('$name', ({ args }) => {
    const home = freshHome();
    const { status, stderr, ways, paths } = watched(home, process.execPath, program.cli, ...args);
    expect(status, stderr).toBe(0);
    expect(ways).toEqual([]);
    const allowed = (path: string) =>
      path.startsWith('/dev/') ||
      path === program.dir ||
      (path.startsWith(program.dir + sep) && !path.startsWith(home));
    expect(paths.filter((path) => !allowed(path))).toEqual([]);
    expect(readdirSync(home)).toEqual([]);
  });
});

describe.skipIf(!HAS_STRACE)('of a sparse model', () => {
  it('the cache folder gets what was measured of it, and nothing else is written', () => {
    const weights = randomWeights(program.parts.config, 1, 0.1);
    const sparse = bundleIn(join(program.dir, 'sparse'), { ...program.parts, weights });
    const home = freshHome();
    const args = ['trace', program.python, ...at(2, 12), '--bundle', sparse];
    const { status, stderr, ways, paths } = watched(home, process.execPath, program.cli, ...args);
    expect(status, stderr).toBe(0);
    expect(ways).toEqual([]);
    const cache = join(home, '.cache', 'circuitscope');
    const elsewhere = paths.filter((path) => !path.startsWith('/dev/') && !path.startsWith(cache));
    expect(new Set(elsewhere)).toEqual(new Set([join(home, '.cache')]));
    expect(readdirSync(cache)).toEqual(['engines.json']);
  });
});
