import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { takeRunFolder } from '../../../models/training/runFolder';

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
  ['a person’s file', ['notes.txt'], /holds notes\.txt, which is not of a run/],
  ['another program’s settings', ['config.json'], /holds config\.json, which is not of a run/],
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
  expect(() => takeRunFolder(dir)).toThrow(`process ${process.pid} trains into ${dir}`);
  release();
  expect(readdirSync(dir)).toEqual([]);
});

it('is refused while another process trains into it, and taken when that is dead', async () => {
  const dir = folder();
  const other = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
  writeFileSync(join(dir, '.running'), String(other.pid));
  expect(() => takeRunFolder(dir)).toThrow(`process ${other.pid} trains into ${dir}`);
  other.kill('SIGKILL');
  await once(other, 'exit');
  takeRunFolder(dir)();
});
