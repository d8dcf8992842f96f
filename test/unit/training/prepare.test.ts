import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Rng } from '../../../models/random';
import { readTrainingConfig } from '../../../models/training/config';
import { generateProgram } from '../../../models/training/idioms';
import { prepare } from '../../../models/training/prepare';
import type { Weights } from '../../../models/transformer/parameters';

const dir = mkdtempSync(join(tmpdir(), 'circuitscope-prepare-'));
for (const part of ['train', 'heldout']) {
  mkdirSync(join(dir, part));
  const programs = Array.from({ length: 5 }, (_, i) => generateProgram(new Rng(part, i)));
  writeFileSync(join(dir, part, 'a.py'), programs.join('\n'));
}
afterAll(() => {
  rmSync(dir, { recursive: true });
});

const config = readTrainingConfig('models/training/configs/python-sparse.json');
const said: string[] = [];
const prepared = (from: Weights | null) =>
  prepare({
    ...{ config, from, corpusDirs: [dir], cacheDir: join(dir, 'tokens') },
    tokenizerFile: 'models/bundles/python-sparse/tokenizer.json',
    onProgress: (what) => said.push(what),
  });

it('a run that goes on from weights keeps their counted table, one that begins anew counts its own', () => {
  const table = new Float32Array(config.model.vocab ** 2);
  expect(prepared(new Map([['bigram.table', table]])).data.fixed.get('bigram.table')).toBe(table);
  expect(said).not.toContain('bigram table');
  const own = prepared(null).data.fixed.get('bigram.table')!;
  expect(own).toHaveLength(table.length);
  expect(own.some((value) => value < 0)).toBe(true);
  expect(said).toContain('bigram table');
});
