/**
 * No command opens a socket by Node's modules, in any of its threads; and what the system sees of it: no
 * connection to anything, and nothing written outside the folder that it was given, native libraries
 * included.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { randomWeights } from '../../support/models';
import { at, Program } from '../cli/program';
import { bundleIn } from '../runtime/bundles';
import { watchedCommands } from './commands';
import { hooked, threadsOf } from './hook';
import { callsIn, HAS_STRACE, homeIn, straced } from './strace';

const program = new Program();
afterAll(() => {
  program.remove();
});
const log = join(program.dir, 'calls.log');

/** A program at home in a folder, as the system sees it. */
function watched(home: string, ...args: string[]) {
  const [command, ...rest] = [...straced(log), process.execPath, ...args];
  const { status, stderr } = spawnSync(command, rest, {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home },
    encoding: 'utf8',
  });
  return { status, stderr, ...callsIn(log) };
}

describe.skipIf(!HAS_STRACE)('the watch', () => {
  const node = (code: string) => watched(homeIn(program.dir), '--eval', code);

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

describe('no socket is opened and nothing leaves the folder that was given to circuitscope', () => {
  it.each(watchedCommands(program))('$name', ({ args, threads }) => {
    const home = homeIn(program.dir);
    const env = { PATH: process.env.PATH, HOME: home };
    const under = HAS_STRACE ? straced(log) : [];
    const run = { dir: program.dir, under, cwd: home, env };
    const { status, errors, noted } = hooked(run, program.cli, ...args);
    expect(status, errors).toBe(0);
    // Helpers are as many as the machine has cores for, where the sparse engine is the faster one.
    const files = threadsOf(noted).filter((file) => file !== 'sparse-helper.js');
    expect(files).toEqual(['cli.js', ...threads]);
    expect(readdirSync(home)).toEqual([]);
    if (!HAS_STRACE) return;
    const { ways, paths } = callsIn(log);
    expect(ways).toEqual([]);
    const allowed = (path: string) =>
      path.startsWith('/dev/') ||
      path === program.dir ||
      (path.startsWith(program.dir + sep) && !path.startsWith(home));
    expect(paths.filter((path) => !allowed(path))).toEqual([]);
  });
});

describe.skipIf(!HAS_STRACE)('of a sparse model', () => {
  it('the cache folder gets what was measured of it, and nothing else is written', () => {
    const weights = randomWeights(program.parts.config, 1, 0.1);
    const sparse = bundleIn(join(program.dir, 'sparse'), { ...program.parts, weights });
    const home = homeIn(program.dir);
    const args = ['trace', program.python, ...at(2, 12), '--bundle', sparse];
    const { status, stderr, ways, paths } = watched(home, program.cli, ...args);
    expect(status, stderr).toBe(0);
    expect(ways).toEqual([]);
    const cache = join(home, '.cache', 'circuitscope');
    const elsewhere = paths.filter((path) => !path.startsWith('/dev/') && !path.startsWith(cache));
    expect(new Set(elsewhere)).toEqual(new Set([join(home, '.cache')]));
    expect(readdirSync(cache)).toEqual(['engines.json']);
  });
});
