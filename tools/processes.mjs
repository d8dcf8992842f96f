// @ts-check
/** Child processes and ports, for the scripts of this folder. */
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { clearTimeout, setTimeout } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** How much of a program's output an error quotes. */
const QUOTED_CHARACTERS = 2000;
/** No program that `run` starts takes this long, unless it waits for something that never comes. */
const LONGEST_MINUTES = 10;

/** A failure that one line explains: what happened and what to do. */
export class ToolError extends Error {}

/**
 * Whether a module is the script that was started, rather than imported.
 * @param {string} url the module's `import.meta.url`
 */
export function isMain(url) {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === fileURLToPath(url);
}

/**
 * Runs the main function of a script; failures become one line and exit code 1.
 * @param {() => Promise<void>} main
 */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof ToolError ? error.message : error);
    process.exitCode = 1;
  }
}

/**
 * Runs a program to its end and returns what it printed.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { minutes?: number }} [options] `minutes` it may
 *   take at most
 * @returns {Promise<string>}
 * @throws {ToolError} when it cannot start, fails or hangs, with the end of its output
 */
export async function run(command, args, { minutes = LONGEST_MINUTES, ...options } = {}) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = collectOutput(child);
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const code = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', resolve);
    timer = setTimeout(() => {
      child.kill();
      resolve(`stopped after ${minutes} minutes`);
    }, 60_000 * minutes);
  });
  clearTimeout(timer);
  if (code === 0) return output();
  throw new ToolError(`${[command, ...args].join(' ')} failed (${code}): ${tail(output())}`);
}

/**
 * Collects what a child prints, both streams in order of arrival.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {() => string} everything so far
 */
export function collectOutput(child) {
  /** @type {Buffer[]} */
  const chunks = [];
  child.stdout?.on('data', (chunk) => chunks.push(chunk));
  child.stderr?.on('data', (chunk) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

/**
 * The end of a program's output, which is where errors stand.
 * @param {string} output
 */
export function tail(output) {
  return output.trim().slice(-QUOTED_CHARACTERS) || 'no output';
}

/**
 * Stops a child that leads its own process group (`detached`), and all of the group: asks first,
 * then kills.
 * @param {import('node:child_process').ChildProcess} child
 * @param {number} graceMs how long it may take to leave by itself
 */
export async function stopGroup(child, graceMs) {
  if (child.pid === undefined) return;
  const group = -child.pid;
  signalGroup(group, 'SIGTERM');
  for (let waited = 0; waited < graceMs && signalGroup(group, 0); waited += 50) await sleep(50);
  signalGroup(group, 'SIGKILL');
}

/**
 * Sends a signal to a process group; signal 0 only asks.
 * @param {number} group
 * @param {NodeJS.Signals | 0} signal
 * @returns {boolean} whether anybody is left in the group
 */
function signalGroup(group, signal) {
  try {
    process.kill(group, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * A port of 127.0.0.1 that nobody listens on.
 * @returns {Promise<number>}
 */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') {
    throw new ToolError('no free port was found; choose one with --port');
  }
  return address.port;
}
