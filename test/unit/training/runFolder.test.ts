import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { takeRunFolder } from '../../../models/training/runFolder';

/** What happens, once, right after a process was found dead. */
const meanwhile = vi.hoisted(() => ({ run: () => {} }));
vi.mock('../../../models/files', async (original) => {
  const files = await original<typeof import('../../../models/files')>();
  const isAlive = (pid: number) => {
    const found = files.isAlive(pid);
    const { run } = meanwhile;
    if (!found) {
      meanwhile.run = () => {};
      run();
    }
    return found;
  };
  return { ...files, isAlive };
});
beforeEach(() => {
  meanwhile.run = () => {};
});

const root = mkdtempSync(join(tmpdir(), 'circuitscope-run-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});
const folder = (...names: string[]) => {
  const dir = mkdtempSync(join(root, 'x-'));
  for (const name of names) writeFileSync(join(dir, name), '');
  return dir;
};

it.each([
  ['a person’s file', ['notes.txt'], /has notes\.txt, which does not belong to a run/],
  [
    'another program’s settings',
    ['config.json'],
    /has config\.json, which does not belong to a run/,
  ],
])('refuses a folder with %s and writes nothing', (_, names, message) => {
  const dir = folder(...names);
  expect(() => takeRunFolder(dir)).toThrow(message);
  expect(readdirSync(dir)).toEqual(names);
});

it.each([[[]], [['config.json', 'metrics.jsonl', 'checkpoint.safetensors']]])(
  'takes a folder with %j and gives it back',
  (names) => {
    const dir = folder(...names);
    mkdirSync(join(dir, 'tokens'));
    takeRunFolder(dir)();
    takeRunFolder(dir)();
    expect(readdirSync(dir).sort()).toEqual([...names, 'tokens'].sort());
  },
);

it.skipIf(process.platform === 'win32')('writes no lock through a link', () => {
  const dir = folder();
  const elsewhere = join(folder(), 'elsewhere');
  symlinkSync(elsewhere, join(dir, '.running'));
  const release = takeRunFolder(dir);
  expect(existsSync(elsewhere)).toBe(false);
  expect(() => takeRunFolder(dir)).toThrow(`process ${process.pid} is training into ${dir}`);
  release();
  expect(readdirSync(dir)).toEqual([]);
});

it('is refused while another process trains into it, and taken when that is dead', async () => {
  const dir = folder();
  const other = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
  writeFileSync(join(dir, '.running'), String(other.pid));
  expect(() => takeRunFolder(dir)).toThrow(`process ${other.pid} is training into ${dir}`);
  other.kill('SIGKILL');
  await once(other, 'exit');
  takeRunFolder(dir)();
});

/** Number of a process that is dead. */
async function deadProcess(): Promise<string> {
  const other = spawn(process.execPath, ['--eval', '']);
  await once(other, 'exit');
  return String(other.pid);
}

it('leaves the lock of who took the folder since the last one was found dead', async () => {
  const dir = folder();
  const lock = join(dir, '.running');
  writeFileSync(lock, await deadProcess());
  meanwhile.run = () => {
    writeFileSync(lock, String(process.pid));
  };
  expect(() => takeRunFolder(dir)).toThrow(`process ${process.pid} is training into ${dir}`);
  expect(readFileSync(lock, 'utf8')).toBe(String(process.pid));
  expect(readdirSync(dir)).toEqual(['.running']);
});

it('says what to remove where a process was killed as it removed a lock', async () => {
  const dir = folder();
  const dead = await deadProcess();
  for (const name of ['.running', '.running-removal']) writeFileSync(join(dir, name), dead);
  expect(() => takeRunFolder(dir)).toThrow(/running-removal was left by a process.* remove it/);
});

it('leaves no folder of its own that is empty, and what was there', () => {
  const dir = join(root, 'new');
  takeRunFolder(dir)();
  expect(existsSync(dir)).toBe(false);
  const release = takeRunFolder(dir);
  writeFileSync(join(dir, 'metrics.jsonl'), '');
  release();
  expect(existsSync(dir)).toBe(true);
  const own = folder();
  takeRunFolder(own)();
  expect(existsSync(own)).toBe(true);
});
