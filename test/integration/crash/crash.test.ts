/** What was saved stays readable when the writer is killed at any moment, and nothing is left behind. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundle, writeBundle } from '../../../models/bundles/bundle';
import { readCircuit } from '../../../models/circuits/file/circuitFile';
import { removeLeftovers, writeFileAtomic } from '../../../models/files';
import { Rng } from '../../../models/random';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { readCheckpoint } from '../../../models/training/checkpoint';
import { hasTokenStream, loadTokenStream } from '../../../models/training/corpus/tokenStream';
import { CHECKPOINT_ENTRIES, CIRCUIT_NODES, smallParts, STREAM_TOKENS, TOKENIZER } from './content';

const KILLS = 5;
const folder = mkdtempSync(join(tmpdir(), 'circuitscope-crash-'));
const child = join(folder, 'child.mjs');
const rng = new Rng('kills');

beforeAll(async () => {
  await build({
    entryPoints: ['test/integration/crash/child.ts'],
    outfile: child,
    ...{ bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning' },
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Starts the writer, kills it at a random moment after its first write; the last number it reported. */
async function killedWriting(what: string, dir: string, start: number): Promise<number> {
  const writer = spawn(process.execPath, [child, what, dir, String(start)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  const first = new Promise<void>((resolve) => {
    writer.stdout.on('data', (text: Buffer) => {
      printed += text.toString();
      resolve();
    });
  });
  const exit = new Promise<string | null>((resolve) => {
    writer.on('close', (_, signal) => {
      resolve(signal);
    });
  });
  await Promise.race([first, exit]);
  await sleep(200 * rng.next());
  writer.kill('SIGKILL');
  expect(await exit).toBe('SIGKILL');
  return Number(printed.trimEnd().split('\n').at(-1));
}

/** Kills a writer some times; after each, `read` gives the number in what is there. */
async function keepsKilling(what: string, dir: string, read: () => number): Promise<void> {
  let start = 1;
  for (let kill = 0; kill < KILLS; kill++) {
    const reported = await killedWriting(what, dir, start);
    const found = read();
    // The one that was being written may be in place before its number was printed.
    expect(found).toBeGreaterThanOrEqual(reported);
    expect(found).toBeLessThanOrEqual(reported + 1);
    start = found + 1;
  }
}

const folderOf = (name: string) => mkdtempSync(join(folder, `${name}-`));
const hidden = (dir: string) => readdirSync(dir).filter((name) => name.startsWith('.'));

describe('killed while it writes', () => {
  it('a file is whole, and the next writer leaves nothing of the killed ones', async () => {
    const dir = folderOf('text');
    const file = join(dir, 'a.json');
    await keepsKilling('text', dir, () => {
      const numbers = JSON.parse(readFileSync(file, 'utf8')) as number[];
      expect(new Set(numbers).size).toBe(1);
      expect(numbers).toHaveLength(100_000);
      return numbers[0];
    });
    writeFileAtomic(file, '[]');
    expect(readdirSync(dir)).toEqual(['a.json']);
  });

  it('a checkpoint is whole', async () => {
    const dir = folderOf('checkpoint');
    const file = join(dir, 'checkpoint.safetensors');
    await keepsKilling('checkpoint', dir, () => {
      const { step, weights, first, second } = readCheckpoint(file, CHECKPOINT_ENTRIES)!;
      for (const part of [weights, first, second]) {
        expect(part.every((number) => number === step)).toBe(true);
      }
      return step;
    });
    removeLeftovers(file);
    expect(hidden(dir)).toEqual([]);
  });

  it('a bundle is whole', async () => {
    const dir = folderOf('bundle');
    const bundle = join(dir, 'bundle');
    await keepsKilling('bundle', dir, () => readBundle(bundle).card.step as number);
    writeBundle(bundle, smallParts(0));
    expect(hidden(bundle)).toEqual([]);
  });

  it('a circuit is whole', async () => {
    const dir = folderOf('circuit');
    await keepsKilling('circuit', dir, () => {
      const { search, core } = readCircuit(join(dir, 'circuit.json'));
      expect(core).toHaveLength(CIRCUIT_NODES);
      expect(search!.loss.core).toBe(-search!.loss.full);
      return search!.loss.full;
    });
  });

  it('a token stream is whole, or taken for none', async () => {
    const dir = folderOf('stream');
    const file = join(dir, 'train.bin');
    const tokenizer = Tokenizer.load(TOKENIZER);
    let start = 1;
    for (let kill = 0; kill < KILLS; kill++) {
      const reported = await killedWriting('stream', dir, start);
      start = reported + 2;
      if (!hasTokenStream(file, tokenizer, 'corpus')) continue;
      const { ids, header } = loadTokenStream(file, tokenizer);
      const { step } = header.source as { step: number };
      expect(step).toBeGreaterThanOrEqual(reported);
      expect(ids).toHaveLength(STREAM_TOKENS + step);
      expect(ids.every((id) => id === step)).toBe(true);
    }
  });
});

describe('what is being written by others', () => {
  it('is left alone', () => {
    const dir = folderOf('others');
    const file = join(dir, 'a.json');
    // By this process in another thread, by the first process there is, and by no writer of ours.
    const others = [`.a.json.new-${process.pid}-00`, '.a.json.new-1-00', '.a.json.new-mine'];
    for (const name of others) writeFileAtomic(join(dir, name), 'x');
    writeFileAtomic(join(dir, '.a.json.new-999999999-0f'), 'x');
    writeFileAtomic(file, '{}');
    expect(readdirSync(dir).sort()).toEqual([...others, 'a.json'].sort());
  });
});
