// @ts-check
/**
 * Runs in the extension host beside the extension under test: measures how long the host's thread is
 * held, and makes the model's thread fail as a bug in it would.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';
import { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';

const INTERVAL_MS = 5;
/** Shorter times are not worth a line. */
const WORTH_MS = 15;

/** @param {vscode.ExtensionContext} context */
export function activate(context) {
  const timer = watchThread(context.logUri.fsPath);
  const fail = failingThreads();
  context.subscriptions.push(
    { dispose: () => clearInterval(timer) },
    vscode.commands.registerCommand('circuitscopeProbe.fail', fail),
  );
}

/**
 * Writes a line for every time that the thread was held.
 * @param {string} dir
 */
function watchThread(dir) {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'held.jsonl');
  let last = performance.now();
  let lastCpu = cpuMilliseconds();
  return setInterval(() => {
    const [now, cpuNow] = [performance.now(), cpuMilliseconds()];
    const [wall, cpu] = [now - last - INTERVAL_MS, cpuNow - lastCpu];
    if (wall >= WORTH_MS) {
      appendFileSync(file, `${JSON.stringify({ at: Date.now(), wall, cpu })}\n`);
    }
    last = performance.now();
    lastCpu = cpuMilliseconds();
  }, INTERVAL_MS);
}

/** What this thread has computed so far. */
function cpuMilliseconds() {
  // Node 20, which the types are for, does not have it yet; the extension host does.
  /** @type {{ threadCpuUsage: () => NodeJS.CpuUsage }} */
  const { threadCpuUsage } = /** @type {any} */ (process);
  const { user, system } = threadCpuUsage();
  return (user + system) / 1000;
}

/**
 * Remembers the threads that are sent requests.
 * @returns {() => void} sends all of them a message that is none, which they cannot bear
 */
function failingThreads() {
  /** @type {Set<Worker>} */
  const threads = new Set();
  const post = Worker.prototype.postMessage;
  /**
   * @this {Worker}
   * @param {any} message
   * @param {readonly import('node:worker_threads').Transferable[]} [transfer]
   */
  Worker.prototype.postMessage = function (message, transfer) {
    if (message?.type === 'call' && !threads.has(this)) {
      threads.add(this);
      this.once('exit', () => threads.delete(this));
    }
    post.call(this, message, transfer);
  };
  return () => {
    for (const thread of threads) post.call(thread, null);
  };
}
