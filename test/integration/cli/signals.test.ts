/** Long commands that a signal stops: they clean up, and the exit code is the signal's, as a shell has it. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { Rng } from '../../../models/random';
import { pairsText } from '../../../models/tasks/source';
import { generateProgram } from '../../../models/training/idioms';
import { knownParts, knownTaskPairs } from '../circuits/known';
import { built } from '../runtime/built';
import { bundleIn } from '../runtime/bundles';
import { tinyRun } from '../training/tiny';
import { Program } from './program';

vi.setConfig({ testTimeout: 240_000 });

built('circuit-worker.js');
const program = new Program();
afterAll(() => {
  program.remove();
});

type Signal = 'SIGINT' | 'SIGTERM';
const CODES = { SIGINT: 130, SIGTERM: 143 };

/** Runs a command, stops it once `isUnderWay`, and says what a shell has for its exit code. */
async function stopped(
  args: readonly string[],
  signal: Signal,
  isUnderWay: (said: string) => boolean,
) {
  const child = spawn(process.execPath, [program.cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (part: Buffer) => (said += part.toString()));
  const end = new Promise<number>((resolve) => {
    child.on('close', (code, by) => {
      resolve(code ?? 128 + constants.signals[by!]);
    });
  });
  while (child.exitCode === null && !isUnderWay(said)) await sleep(5);
  child.kill(signal);
  return { code: await end, said };
}

const signals: Signal[] = ['SIGINT', 'SIGTERM'];
/** What a command tells first of how far it is comes after some seconds. */
const hasTold = (said: string) => said !== '';
describe.runIf(process.platform !== 'win32').each(signals)('%s', (signal) => {
  const own = join(program.dir, signal);
  mkdirSync(own);

  it('cancels a search for a circuit, which leaves nothing', async () => {
    const bundle = bundleIn(own, knownParts);
    const pairs = program.file(`${signal}.jsonl`, pairsText(knownTaskPairs(1, 24, 'masks')));
    const files = readdirSync(own).sort();
    const out = join(own, 'circuit.json');
    const args = ['prune', '--file', pairs, '--out', out, '--bundle', bundle, '--runs', '1000'];
    const { code, said } = await stopped([...args, '--seconds', '5000'], signal, hasTold);
    expect(said).toMatch(/\ncircuitscope: cancelled\n$/);
    expect(code).toBe(CODES[signal]);
    expect(readdirSync(own).sort()).toEqual(files);
  });

  it('ends training with a checkpoint', async () => {
    const corpus = join(own, 'corpus');
    for (const part of ['train', 'heldout']) {
      mkdirSync(join(corpus, part), { recursive: true });
      for (let i = 0; i < 12; i++) {
        const text = generateProgram(new Rng(part, i));
        writeFileSync(join(corpus, part, `${i}.py`), text.repeat(3));
      }
    }
    const config = join(own, 'tiny.json');
    writeFileSync(config, JSON.stringify(tinyRun({ steps: 1_000_000, checkpointEvery: 500_000 })));
    const run = join(own, 'run');
    const args = ['train', config, '--corpus', corpus, '--out', run];
    const isUnderWay = () => existsSync(join(run, 'metrics.jsonl'));
    const { code, said } = await stopped(args, signal, isUnderWay);
    expect(code, said).toBe(CODES[signal]);
    expect(existsSync(join(run, 'checkpoint.safetensors'))).toBe(true);
  });

  it('ends at once what has nothing to clean up', async () => {
    const corpus = join(own, 'text');
    mkdirSync(corpus);
    for (let i = 0; i < 40; i++) {
      writeFileSync(join(corpus, `${i}.py`), generateProgram(new Rng('text', i)).repeat(20));
    }
    let asked = 0;
    const args = ['loss', corpus, '--bundle', program.bundle];
    expect((await stopped(args, signal, () => ++asked > 100)).code).toBe(CODES[signal]);
  });
});
