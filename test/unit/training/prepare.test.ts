import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

const TABLE: Weights = new Map([['bigram.table', new Float32Array(config.model.vocab ** 2)]]);

it('newer held-out packages are apart, and the training text gives its names', () => {
  expect(prepared(TABLE).newerStream).toBeNull();
  mkdirSync(join(dir, 'heldout-newer'));
  const text = Array.from({ length: 20 }, (_, i) => generateProgram(new Rng('newer', i))).join('');
  writeFileSync(join(dir, 'heldout-newer', 'a.py'), text);
  const { data, newerStream, corpus } = prepared(TABLE);
  expect(newerStream!.length).toBeGreaterThan(config.model.context);
  expect(corpus['heldout-newer']).toMatchObject({ tokens: newerStream!.length, files: 1 });
  expect(data.heldOutStream).toEqual(prepared(TABLE).data.heldOutStream);
  expect(data.identifiers!.length).toBeGreaterThan(5);
});

it('what is held out later is no longer trained on, though the training text is as it was', () => {
  const programs = Array.from({ length: 6 }, (_, i) => generateProgram(new Rng('later', i)));
  const text = programs.join('\n');
  writeFileSync(join(dir, 'train', 'b.py'), text);
  const before = prepared(TABLE);
  expect(before.corpus.train).toMatchObject({ files: 2 });
  writeFileSync(join(dir, 'heldout-newer', 'b.py'), `# Nearly the same.\n${text}`);
  const after = prepared(TABLE);
  expect(after.corpus.train).toMatchObject({ files: 1, skipped: { 'near duplicate': 1 } });
  expect(after.data.trainStream.length).toBeLessThan(before.data.trainStream.length);
  said.length = 0;
  expect(prepared(TABLE).data.trainStream).toEqual(after.data.trainStream);
  expect(said.filter((what) => what.startsWith('reading'))).toEqual([]);
});

it('a corpus that does not fill one window is refused, with what it has', () => {
  const small = join(dir, 'small');
  for (const part of ['train', 'heldout']) {
    mkdirSync(join(small, part), { recursive: true });
    writeFileSync(join(small, part, 'a.py'), `x = '${'spam and '.repeat(40)}${part}'\n`);
  }
  const cacheDir = join(small, 'tokens');
  const call = () =>
    prepare({
      ...{ config, from: TABLE, corpusDirs: [small], cacheDir },
      tokenizerFile: 'models/bundles/python-sparse/tokenizer.json',
    });
  expect(call).toThrow(/train: \d+ tokens in usable .py files, fewer than one window of 257/);
  expect(existsSync(cacheDir)).toBe(false);
});
