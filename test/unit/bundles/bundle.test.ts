import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBundle, resolveBundle, writeBundle } from '../../../models/bundles/bundle';
import { BundleError } from '../../../models/bundles/error';
import { parameterCounts } from '../../../models/bundles/counts';
import { decodeSafetensors } from '../../../models/bundles/safetensors';
import { tinyConfig } from '../../support/models';
import { bitsOf, sampleParts, smallest, temporaryFolder } from './sample';

const json = (dir: string, file: string): unknown =>
  JSON.parse(readFileSync(join(dir, file), 'utf8'));
const weightTensors = (dir: string) =>
  decodeSafetensors(readFileSync(join(dir, 'weights.safetensors')), 'weights').tensors;

describe('a bundle', () => {
  test('comes back bit for bit, whatever the model and its density', () => {
    const dir = join(temporaryFolder(), 'b');
    const config = fc.record({
      norm: fc.constantFrom('rms' as const, 'none' as const),
      biases: fc.boolean(),
      sinks: fc.boolean(),
      bigram: fc.constantFrom('none' as const, 'frozen' as const, 'trained' as const),
      tiedEmbeddings: fc.boolean(),
      positions: fc.nat(2),
    });
    const density = fc.constantFrom(0, 0.01, 0.5, 1);
    const property = fc.property(config, density, fc.nat(), (choices, fraction, seed) => {
      const parts = sampleParts({ ...smallest, ...choices }, seed, fraction);
      writeBundle(dir, parts);
      const bundle = readBundle(dir);
      expect(bundle.config).toEqual(parts.config);
      const { 'bigram.table': table, ...weights } = bitsOf(bundle.weights);
      const { 'bigram.table': given, ...expected } = bitsOf(parts.weights);
      expect(weights).toEqual(expected);
      // In a byte, zero has no sign.
      expect(table).toEqual(given?.map((bits) => (bits === 0x80000000 ? 0 : bits)));
      expect(bitsOf(bundle.means)).toEqual(bitsOf(parts.means));
      expect(bundle.tokenizerJson).toEqual(JSON.parse(parts.tokenizerJson));
      expect(bundle.card).toMatchObject(parts.card);
    });
    fc.assert(property, { seed: 3, numRuns: 40 });
  });

  test('keeps the sign of zeros and an untidy bigram table', () => {
    const dir = join(temporaryFolder(), 'b');
    const parts = sampleParts();
    parts.weights.get('layers.0.attn.q.weight')!.fill(0).fill(-0, 2, 4);
    parts.weights.get('bigram.table')![3] = -0.1;
    writeBundle(dir, parts);
    expect(bitsOf(readBundle(dir).weights)).toEqual(bitsOf(parts.weights));
  });

  test('stores mostly zero arrays as indices and values, others dense, the table packed', () => {
    const dir = join(temporaryFolder(), 'b');
    const parts = sampleParts();
    parts.weights.set('layers.0.mlp.in.bias', Float32Array.of(0, 2, 0));
    parts.weights.set('layers.0.mlp.out.bias', Float32Array.of(1, 2, 3, 0));
    parts.weights.set('layers.0.attn.q.bias', Float32Array.of(0, 5));
    parts.weights.get('bigram.table')!.set([0, -1 / 16, -255 / 16]);
    writeBundle(dir, parts);
    const tensors = weightTensors(dir);
    const data = (name: string) => tensors.get(name)?.data;
    expect(data('layers.0.mlp.in.bias')).toBeUndefined();
    expect(data('layers.0.mlp.in.bias.indices')).toEqual(Int32Array.of(1));
    expect(data('layers.0.mlp.in.bias.values')).toEqual(Float32Array.of(2));
    expect(data('layers.0.mlp.out.bias')).toEqual(Float32Array.of(1, 2, 3, 0));
    expect(data('layers.0.attn.q.bias.indices')).toEqual(Int32Array.of(1));
    expect(data('bigram.table')).toBeUndefined();
    expect(data('bigram.table.rest')).toBeInstanceOf(Uint8Array);
    expect(bitsOf(readBundle(dir).weights)['bigram.table'].subarray(1, 3)).toEqual(
      new Uint32Array(Float32Array.of(-1 / 16, -255 / 16).buffer),
    );
    const step = parts.weights.get('bigram.table')!;
    for (const outside of [-256 / 16, 1 / 16, -1 / 32]) {
      step[0] = outside;
      writeBundle(dir, parts);
      expect(weightTensors(dir).get('bigram.table')!.data).toBeInstanceOf(Float32Array);
    }
  });

  test('lists size and SHA-256 of its files, and its hash is that of the four that compute', () => {
    const dir = join(temporaryFolder(), 'b');
    writeBundle(dir, sampleParts());
    const manifest = json(dir, 'bundle.json') as {
      hash: string;
      files: Record<string, { sha256: string; bytes: number; plain?: string }>;
    };
    const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
    const others = readdirSync(dir).filter((file) => file !== 'bundle.json');
    expect(Object.keys(manifest.files).sort()).toEqual(others.sort());
    for (const file of others) {
      const bytes = readFileSync(join(dir, file));
      const sealed = { sha256: sha256(bytes), bytes: bytes.length };
      expect(manifest.files[file]).toMatchObject(sealed);
    }
    const hashed = ['config.json', 'weights.safetensors', 'means.safetensors', 'tokenizer.json'];
    expect(manifest.hash).toBe(
      sha256(hashed.map((f) => manifest.files[f].plain ?? manifest.files[f].sha256).join('\n')),
    );
    expect(readBundle(dir).hash).toBe(manifest.hash);
  });

  test('has the same hash for another card or order of fields, another for other numbers', () => {
    const dir = join(temporaryFolder(), 'b');
    const hash = (parts: Partial<ReturnType<typeof sampleParts>>) => {
      writeBundle(dir, { ...sampleParts(), ...parts });
      return readBundle(dir).hash;
    };
    const first = hash({});
    const reversed = Object.fromEntries(Object.entries(smallest).reverse()) as typeof smallest;
    expect(hash({ card: { other: 1 }, config: reversed })).toBe(first);
    expect(hash({ weights: sampleParts(smallest, 2).weights })).not.toBe(first);
    expect(hash({ means: sampleParts(smallest, 2).means })).not.toBe(first);
    expect(hash({ tokenizerJson: '{}' })).not.toBe(first);
    expect(hash({ config: { ...smallest, activation: 'relu' } })).not.toBe(first);
  });

  test('has a card in words with front matter, and L0 in both cards', () => {
    const dir = join(temporaryFolder(), 'b');
    const card = { summary: 'Says | what.', license: 'mit', heldOutLoss: { a: 1.5, b: 'x|y' } };
    writeBundle(dir, { ...sampleParts(), card: { ...card, commands: ['one', 'two'] } });
    const readme = readFileSync(join(dir, 'README.md'), 'utf8');
    expect(readme).toMatch(/^---\nlicense: "mit"\nlibrary_name: "circuitscope"\n/);
    expect(readme).toContain('\n---\n\n# small\n\nSays | what.\n\n## Held out loss\n');
    expect(readme).toContain('| a | 1.5 |\n| b | x\\|y |\n');
    expect(readme).toContain('## Commands\n\n- one\n- two\n');
    const counts = parameterCounts(readBundle(dir));
    const { total, nonzero, fraction } = counts.parameters[0];
    expect(readme).toContain(`| embed.weight | [5,4] | ${nonzero} | 20 | `);
    expect(readBundle(dir).card).toMatchObject({
      l0: { 'embed.weight': { total, nonzero, fraction } },
    });
  });
});

test('the card in words has lists of records as tables, and records of one kind a row each', () => {
  const dir = join(temporaryFolder(), 'b');
  const earlier = { 'run 1': { steps: 5, training: { seed: 1 } }, 'run 2': { steps: 7 } };
  const corpus = { train: { tokens: 9 }, packages: [{ name: 'x' }, { name: 'y', note: 'z' }] };
  writeBundle(dir, { ...sampleParts(), card: { earlier, corpus } });
  const readme = readFileSync(join(dir, 'README.md'), 'utf8');
  expect(readme).toContain('|  | steps |\n| --- | --- |\n| run 1 | 5 |\n| run 2 | 7 |\n');
  expect(readme).toContain('| train.tokens | 9 |\n\n### Packages\n\n| name | note |\n');
  expect(readme).toContain('| x |  |\n| y | z |\n');
});

describe('parts that do not belong together', () => {
  const change = (edit: (parts: ReturnType<typeof sampleParts>) => object) => {
    const parts = sampleParts();
    return { ...parts, ...edit(parts) };
  };
  test.each([
    ['a name with a path', change(() => ({ name: '../x' })), 'not a valid bundle name'],
    ['a config without layers', change(() => ({ config: { ...smallest, layers: 0 } })), 'layers'],
    ['a tokenizer that is no JSON', change(() => ({ tokenizerJson: '{' })), 'tokenizerJson'],
    ['other weights', change(() => ({ config: tinyConfig() })), "array 'embed.weight' has 20"],
    ['no means', change(() => ({ means: new Map() })), "array '0.attn.act_in' is missing"],
    [
      'an unknown weight',
      change(({ weights }) => ({ weights: new Map([...weights, ['x', new Float32Array(1)]]) })),
      "array 'x' is not an array of the config",
    ],
    [
      'a weight that is no number',
      change(({ weights }) => {
        weights.get('embed.weight')![7] = NaN;
        return {};
      }),
      "array 'embed.weight' has NaN at entry 7",
    ],
  ])('%s: nothing is written', (_, parts, message) => {
    const folder = temporaryFolder();
    const write = () => writeBundle(join(folder, 'b'), parts);
    expect(write).toThrow(BundleError);
    expect(write).toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a folder or file with something else in it is left alone', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'mine.txt'), 'mine');
    expect(() => writeBundle(folder, sampleParts())).toThrow('is not a bundle; give a new folder');
    expect(() => writeBundle(join(folder, 'mine.txt'), sampleParts())).toThrow('is not a bundle');
    expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('mine');
  });
});

describe('finding and counting', () => {
  test('a shipped bundle is found by name, any other by path, and the error lists the names', () => {
    const folder = temporaryFolder();
    for (const name of ['one', 'two']) writeBundle(join(folder, name), sampleParts());
    mkdirSync(join(folder, 'empty'));
    expect(resolveBundle('one', folder)).toBe(join(folder, 'one'));
    expect(resolveBundle(join(folder, 'two'), '/nowhere')).toBe(join(folder, 'two'));
    expect(() => resolveBundle('empty', folder)).toThrow(/no bundle 'empty';.* one, two$/);
    expect(() => resolveBundle('..', folder)).toThrow(BundleError);
    expect(() => resolveBundle('one', join(folder, 'empty'))).toThrow('none in');
  });

  test('weights are counted by parameter and together', () => {
    const parts = sampleParts(smallest, 1, 1);
    parts.weights.get('embed.weight')!.fill(0, 5);
    const counts = parameterCounts(parts);
    expect(counts.parameters[0]).toEqual({
      name: 'embed.weight',
      shape: [5, 4],
      total: 20,
      nonzero: 5,
      fraction: 0.25,
    });
    const zeros = [...parts.weights.values()].flatMap((data) => [...data].filter((x) => x === 0));
    expect(counts.total - counts.nonzero).toBe(zeros.length);
    expect(counts.fraction).toBe(counts.nonzero / counts.total);
  });
});
