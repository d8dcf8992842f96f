/** Programs in Python, for tests of what is emitted for PyTorch. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const CANDIDATES = ['python3', '/usr/bin/python3'];

/** A Python that has PyTorch, or null, which is said in one line. */
function findTorch(): string | null {
  const found = CANDIDATES.find((python) => spawnSync(python, ['-c', 'import torch']).status === 0);
  if (!found) console.log('skipped: no Python with PyTorch here (Debian: python3-torch)');
  return found ?? null;
}

/** The Python with PyTorch; null where there is none and its tests are to be skipped. */
export const torchPython = findTorch();

/** Runs a program with a JSON value on its standard input; the JSON that it prints. */
export async function runPython<T>(source: string, input: unknown): Promise<T> {
  if (!torchPython) throw new Error('there is no Python with PyTorch');
  const dir = mkdtempSync(join(tmpdir(), 'circuitscope-python-'));
  try {
    writeFileSync(join(dir, 'program.py'), source);
    writeFileSync(join(dir, 'input.json'), JSON.stringify(input));
    const { stdout } = await promisify(execFile)(torchPython, ['program.py', 'input.json'], {
      cwd: dir,
      maxBuffer: 1 << 28,
    });
    return JSON.parse(stdout) as T;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
