import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readBundle, renewBundle, writeBundle } from '../../../models/bundles/bundle';
import { withPlainTable } from '../../../models/bundles/weights';
import { bitsOf, sampleParts, temporaryFolder } from './sample';

interface Manifest {
  format: number;
  hash: string;
  files: Record<string, { sha256: string; bytes: number; plain?: string }>;
}

/** A bundle with a counted table as the first format had it: the table in bytes. */
function olderBundle(): { dir: string; hash: string } {
  const dir = join(temporaryFolder(), 'old');
  const parts = sampleParts();
  parts.weights.get('bigram.table')!.forEach((_, i, table) => (table[i] = -i / 16));
  writeBundle(dir, parts);
  const file = join(dir, 'weights.safetensors');
  const plain = withPlainTable(readFileSync(file), file);
  writeFileSync(file, plain);
  const path = join(dir, 'bundle.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  const sha256 = createHash('sha256').update(plain).digest('hex');
  expect(manifest.files['weights.safetensors'].plain).toBe(sha256);
  manifest.files['weights.safetensors'] = { sha256, bytes: plain.length };
  writeFileSync(path, JSON.stringify({ ...manifest, format: 1 }));
  return { dir, hash: manifest.hash };
}

it('a bundle of the first format is refused with the command that renews it, and keeps its hash', () => {
  const { dir, hash } = olderBundle();
  expect(() => readBundle(dir)).toThrow(
    `has format 1, but this version reads 2; run circuitscope bundle renew ${dir}`,
  );
  mkdirSync(join(dir, 'circuits'));
  writeFileSync(join(dir, 'circuits', 'a.json'), '{}');
  expect(renewBundle(dir).before).toBeGreaterThan(0);
  const bundle = readBundle(dir);
  expect(bundle.hash).toBe(hash);
  const given = sampleParts().weights;
  given.get('bigram.table')!.forEach((_, i, table) => (table[i] = 0 - i / 16));
  expect(bitsOf(bundle.weights)).toEqual(bitsOf(given));
  expect(readFileSync(join(dir, 'circuits', 'a.json'), 'utf8')).toBe('{}');
});

it('renewing again changes nothing', () => {
  const { dir } = olderBundle();
  renewBundle(dir);
  const files = ['bundle.json', 'weights.safetensors', 'card.json'].map((name) => join(dir, name));
  const before = files.map((file) => readFileSync(file));
  renewBundle(dir);
  expect(files.map((file) => readFileSync(file))).toEqual(before);
});

it('a bundle that is damaged is not renewed', () => {
  const { dir } = olderBundle();
  const file = join(dir, 'weights.safetensors');
  const bytes = readFileSync(file);
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(file, bytes);
  expect(() => renewBundle(dir)).toThrow('was changed');
  expect(readFileSync(file)).toEqual(bytes);
});
