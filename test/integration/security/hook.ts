/** Runs Node with a hook that notes and refuses every way to the network that Node's modules offer. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

const HOOK = new URL('./no-network.mjs', import.meta.url).href;

/** How a program is run. */
interface Run {
  /** Folder for what it prints and what is noted. */
  readonly dir: string;
  /** What starts Node, if not Node itself: a command and its arguments. */
  readonly under?: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs Node with the hook; what the hook noted, and how the program ended. */
export function hooked({ dir, under = [], cwd, env = process.env }: Run, ...args: string[]) {
  const log = join(dir, 'network.log');
  rmSync(log, { force: true });
  // Files, because Node's pipes to a child are sockets.
  const [out, err] = ['out', 'err'].map((name) => openSync(join(dir, name), 'w'));
  const [command, ...rest] = [...under, process.execPath, '--import', HOOK, ...args];
  const { status } = spawnSync(command, rest, {
    stdio: ['ignore', out, err],
    cwd,
    env: { ...env, CIRCUITSCOPE_NETWORK_LOG: log },
  });
  for (const file of [out, err]) closeSync(file);
  const noted = readFileSync(log, 'utf8').trimEnd().split('\n');
  const errors = readFileSync(join(dir, 'err'), 'utf8');
  return { status, errors, noted };
}

const THREAD = /^thread (\d+) (started|runs|ended)(?: (.*))?$/;

/** What each thread ran, when every thread was watched to its end and nothing else was noted. */
export function threadsOf(noted: readonly string[]): string[] {
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
