/** An import in its thread, as the editor runs it. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readBundle } from '../../models/bundles/bundle';
import { importInWorker } from '../../models/import/inWorker';
import { FIXTURES } from '../unit/import/fixtures';
import { built } from './runtime/built';

const workerFile = built('import-worker.js');

function optionsFor(folder: string) {
  const dir = mkdtempSync(join(tmpdir(), 'import-'));
  onTestFinished(() => {
    rmSync(dir, { recursive: true });
  });
  const tokenizer = join(FIXTURES, 'openai-tokenizer');
  return {
    ...{ folder: join(FIXTURES, folder), out: join(dir, 'b'), corpus: [], tokenizer },
    date: '2026-01-02',
  };
}

it('reports progress and makes a bundle', { timeout: 240_000 }, async () => {
  const options = optionsFor('openai-sink');
  const said = new Set<string>();
  const onProgress = (what: string) => void said.add(what);
  const { name, dir } = await importInWorker(options, { workerFile, onProgress });
  expect([name, dir]).toEqual(['openai-sink', options.out]);
  expect(readBundle(options.out).name).toBe('openai-sink');
  expect(said).toContain('windows run for the means of nodes');
});

it('ends when it is cancelled, and leaves nothing', { timeout: 240_000 }, async () => {
  const options = optionsFor('openai-sink');
  const abort = new AbortController();
  const onProgress = () => {
    abort.abort();
  };
  const { signal } = abort;
  const imported = importInWorker(options, { workerFile, signal, onProgress });
  await expect(imported).rejects.toMatchObject({ name: 'AbortError' });
  expect(existsSync(options.out)).toBe(false);
});

it('says in one line what is wrong with a model', { timeout: 240_000 }, async () => {
  const imported = importInWorker(optionsFor('openai-other'), { workerFile });
  await expect(imported).rejects.toThrow(/^[^\n]*LayerNorm[^\n]*$/);
});
