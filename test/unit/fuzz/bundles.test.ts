/** Bundles whose seals fit and whose content does not: refused in one line, before memory is asked for. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readBundle, writeBundle, type Bundle } from '../../../models/bundles/bundle';
import { BundleError } from '../../../models/bundles/error';
import { decodeSafetensors, encodeSafetensors } from '../../../models/bundles/safetensors';
import type { TransformerConfig } from '../../../models/transformer/config';
import { sampleParts, smallest } from '../bundles/sample';
import { json, mutations, SEED } from './arbitraries';

const folder = mkdtempSync(join(tmpdir(), 'circuitscope-sealed-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const dir = join(folder, 'small');
writeBundle(dir, sampleParts());
const intact = readBundle(dir);
const path = (file: string) => join(dir, file);
const original = new Map(
  ['config.json', 'weights.safetensors', 'card.json', 'bundle.json'].map((file) => [
    file,
    readFileSync(path(file)),
  ]),
);

const HASHED = ['config.json', 'weights.safetensors', 'means.safetensors', 'tokenizer.json'];
interface Manifest {
  hash: string;
  files: Record<string, { sha256: string; bytes: number; plain?: string }>;
}
const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The bundle with other content in some files, and seals that say that it belongs there. */
function sealed(changed: Readonly<Record<string, string | Uint8Array>>): Bundle {
  for (const [file, bytes] of original) writeFileSync(path(file), bytes);
  const manifest = JSON.parse(original.get('bundle.json')!.toString()) as Manifest;
  for (const [file, content] of Object.entries(changed)) {
    const bytes = Buffer.from(content);
    writeFileSync(path(file), bytes);
    manifest.files[file] = { sha256: sha256(bytes), bytes: bytes.length };
  }
  const sums = HASHED.map((file) => manifest.files[file].plain ?? manifest.files[file].sha256);
  manifest.hash = sha256(sums.join('\n'));
  writeFileSync(path('bundle.json'), JSON.stringify(manifest));
  return readBundle(dir);
}

/** What is read, or undefined when it is refused in one line that names the file and a remedy. */
function readOrRefuse(changed: Parameters<typeof sealed>[0]): Bundle | undefined {
  try {
    return sealed(changed);
  } catch (error) {
    const proper = error instanceof BundleError && /^[^\r\n]+; [^\r\n]+$/.test(error.message);
    if (!proper || !error.message.startsWith(dir)) throw error;
    return undefined;
  }
}

const configText = (config: unknown) => ({ 'config.json': JSON.stringify(config) });

/** Weights that claim the shapes of a config and hold nothing: what a small hostile file can do. */
function emptyWeights(config: TransformerConfig): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(original.get('weights.safetensors')!, 'weights');
  const { vocab, dModel } = config;
  const shapes = JSON.parse(metadata.shapes) as Record<string, number[]>;
  const kept = new Map([...tensors].filter(([name]) => !name.startsWith('embed.weight')));
  kept.set('embed.weight.indices', { shape: [0], data: new Int32Array(0) });
  kept.set('embed.weight.values', { shape: [0], data: new Float32Array(0) });
  const claimed = JSON.stringify({ ...shapes, 'embed.weight': [vocab, dModel] });
  return encodeSafetensors({ tensors: kept, metadata: { shapes: claimed } });
}

describe('a sealed bundle', () => {
  it('is read when nothing was changed', () => {
    expect(sealed(configText(intact.config))).toMatchObject({ config: intact.config });
  });

  it.each([
    ['layers', 2 ** 40],
    ['dModel', 1e12],
    ['heads', 2 ** 31],
    ['dHead', 1e9],
    ['dMlp', Number.MAX_SAFE_INTEGER],
    ['vocab', 2 ** 32],
    ['context', 1e15],
    ['positions', 1e15],
  ])('that asks for %s %d is refused at once', (field, value) => {
    const changed = configText({ ...intact.config, [field]: value });
    expect(() => sealed(changed)).toThrow(`config.json, ${field}: `);
  });

  it.each([
    ['matrices', { layers: 1024, dModel: 2 ** 16, dMlp: 2 ** 16 }, 'the matrices have more than'],
    ['a bigram table', { vocab: 2 ** 16, bigram: 'frozen' }, 'the matrices have more than'],
    ['attention', { heads: 512, context: 2 ** 16 }, 'heads × context² is more than'],
  ] as const)('whose sizes are too much together is refused: %s', (_, change, message) => {
    expect(() => sealed(configText({ ...intact.config, ...change }))).toThrow(message);
  });

  it('is refused before its weights are made, however few it stores', () => {
    const config = { ...smallest, vocab: 2 ** 16, dModel: 2 ** 16 };
    const before = process.memoryUsage().arrayBuffers;
    const changed = { ...configText(config), 'weights.safetensors': emptyWeights(config) };
    expect(readOrRefuse(changed)).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  it('with a config changed in any way is refused, or means the same', () => {
    const sizes = fc.record({
      field: fc.constantFrom('layers', 'dModel', 'heads', 'dHead', 'dMlp', 'vocab', 'context'),
      value: fc.oneof(fc.nat(), fc.maxSafeNat(), fc.double()),
    });
    const changes = fc.oneof(
      mutations(intact.config),
      sizes.map(({ field, value }) => ({ ...intact.config, [field]: value })),
      json,
    );
    fc.assert(
      fc.property(changes, (config) => {
        const bundle = readOrRefuse(configText(config));
        // What stays a model has the arrays that it had: fractions and switches may differ.
        if (bundle) expect(bundle.weights.size).toBe(intact.weights.size);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('with a card or a header of weights changed in any way is refused or harmless', () => {
    const { tensors, metadata } = decodeSafetensors(
      original.get('weights.safetensors')!,
      'weights',
    );
    const shapes: unknown = JSON.parse(metadata.shapes);
    fc.assert(
      fc.property(mutations(intact.card), mutations(shapes), (card, claimed) => {
        readOrRefuse({ 'card.json': JSON.stringify(card) ?? '' });
        const weights = encodeSafetensors({
          tensors,
          metadata: { shapes: JSON.stringify(claimed) ?? '' },
        });
        readOrRefuse({ 'weights.safetensors': weights });
      }),
      { seed: SEED, numRuns: 100 },
    );
  });
});
