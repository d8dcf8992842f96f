/**
 * Memory that a model takes in a process of its own: opened, after hovers and circuits all over a file,
 * after two minutes in which nobody asked for anything, and after two switches of models.
 *
 *   npm run bench -- memory
 */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Runtime } from '../../models/runtime/runtime';
import { figure } from './paired';
import { benchmark } from './start';

const THREADS = 2;
const HOVERS = 40;
const CIRCUITS = 12;
/** Somewhat longer than the time after which what is not used is let go. */
const IDLE_MS = 125_000;
const MEGABYTE = 2 ** 20;
const text = readFileSync('samples/inventory.py', 'utf8');

async function opened(dir: string): Promise<Runtime> {
  return await Runtime.open(dir, {
    workerFile: resolve('dist/runtime-worker.js'),
    threads: THREADS,
  });
}

/** What hovers and the panel ask for, at tokens all over the file. */
async function use(runtime: Runtime): Promise<void> {
  const { length } = (await runtime.tokens(text)).ids;
  const ablation = { kind: 'mean' } as const;
  const at = (i: number, count: number) => ({ token: Math.floor((i * (length - 1)) / count) });
  for (let i = 0; i < HOVERS; i++) {
    const position = at(i, HOVERS);
    await runtime.trace(text, position);
    await runtime.effects(text, position, { ablation, positions: 'here', top: 100 });
  }
  await runtime.surprisal(text);
  for (let i = 0; i < CIRCUITS; i++) {
    const position = at(i, CIRCUITS);
    await runtime.circuit(text, position, { ablation, measure: 300, top: 40, threshold: 0.01 });
    await runtime.attention(text, position, { layer: 1, head: 3 });
    await runtime.lens(text, position);
  }
}

benchmark(async ({ dir }) => {
  const bare = process.memoryUsage.rss();
  const measure = (what: string) => {
    const name = `memory beyond Node's own, ${what}`;
    const megabytes = (process.memoryUsage.rss() - bare) / MEGABYTE;
    figure({ bench: 'memory', name, unit: 'MB', target: '' }, [megabytes]);
  };
  let runtime = await opened(dir);
  measure('model opened');
  await use(runtime);
  measure(`after ${HOVERS} hovers and ${CIRCUITS} circuits`);
  await setTimeout(IDLE_MS);
  measure('two idle minutes later');
  for (const other of [join(dirname(dir), 'python-dense'), dir]) {
    await runtime.close();
    runtime = await opened(other);
    await use(runtime);
  }
  measure('after two switches of models, each used alike');
  await runtime.close();
});
