// @ts-check
/**
 * Runs in the extension host beside the extension under test: measures how long the host's thread is
 * held and what memory it and the model's thread take, and makes that one fail as a bug in it would.
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
const MEMORY_INTERVAL_MS = 2000;
const MEGABYTE = 2 ** 20;

/** @param {vscode.ExtensionContext} context */
export function activate(context) {
  const dir = context.logUri.fsPath;
  mkdirSync(dir, { recursive: true });
  const threads = modelThreads();
  const timers = [
    watchThread(join(dir, 'held.jsonl')),
    watchMemory(join(dir, 'memory.jsonl'), threads),
  ];
  context.subscriptions.push(
    { dispose: () => timers.forEach((timer) => clearInterval(timer)) },
    vscode.commands.registerCommand('circuitscopeProbe.fail', () => {
      // A message that is none, which they cannot bear.
      for (const thread of threads) thread.postMessage(null);
    }),
  );
}

/**
 * Writes a line for every time that the thread was held.
 * @param {string} file
 */
function watchThread(file) {
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

/**
 * Writes a line with the megabytes of the process, and of JavaScript in this and in the model's
 * threads, every few seconds.
 * @param {string} file
 * @param {ReadonlySet<Worker>} threads
 */
function watchMemory(file, threads) {
  return setInterval(async () => {
    const heaps = await Promise.all([...threads].map(heapMegabytes));
    const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
    const worker = heaps.reduce((sum, heap) => sum + heap, 0);
    const megabytes = {
      process: rss / MEGABYTE,
      host: (heapUsed + arrayBuffers) / MEGABYTE,
      worker,
    };
    appendFileSync(file, `${JSON.stringify({ at: Date.now(), pid: process.pid, ...megabytes })}\n`);
  }, MEMORY_INTERVAL_MS);
}

/**
 * @param {Worker} thread
 * @returns {Promise<number>} 0 when it has ended meanwhile
 */
async function heapMegabytes(thread) {
  // Of the extension host's Node, not of the one that the types are for.
  const { getHeapStatistics } = /** @type {any} */ (thread);
  try {
    const { used_heap_size, external_memory } = await getHeapStatistics.call(thread);
    return (used_heap_size + external_memory) / MEGABYTE;
  } catch {
    return 0;
  }
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
 * The threads that are sent requests, as long as they live.
 * @returns {ReadonlySet<Worker>}
 */
function modelThreads() {
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
  return threads;
}
