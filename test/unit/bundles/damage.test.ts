import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readBundle, writeBundle, type Bundle } from '../../../models/bundles/bundle';
import { BundleError } from '../../../models/bundles/error';
import type * as Input from '../../../models/input';
import {
  decodeSafetensors,
  encodeSafetensors,
  type Tensor,
} from '../../../models/bundles/safetensors';
import {
  decodeMeans,
  decodeWeights,
  encodeMeans,
  encodeWeights,
} from '../../../models/bundles/weights';
import { sampleParts, smallest, temporaryFolder } from './sample';

/** Content read instead of the disk's, by path: thousands of damages would take a disk minutes. */
const memory = vi.hoisted(() => new Map<string, Uint8Array>());

vi.mock('../../../models/input', async (original) => {
  const real = await original<typeof Input>();
  return { ...real, readInput: (path: string) => memory.get(path) ?? real.readInput(path) };
});

afterEach(() => memory.clear());

/** What is read, or undefined when it is refused properly; any other error fails the test. */
function readOrRefuse<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(BundleError);
    expect((error as Error).message).toMatch(/^[^\n]*; [^\n]*$/);
    return undefined;
  }
}

/** Everything of a bundle but its name, which nothing depends on. */
function meaning(bundle: Bundle): object {
  return { ...bundle, name: '' };
}

/** Every file with one bit of one byte changed, and every shorter file. */
function* damages(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Uint8Array.from(bytes);
    // Another bit at every byte; over a file all eight are tried many times.
    flipped[at] ^= 1 << ((at * 5) % 8);
    yield flipped;
    yield bytes.subarray(0, at);
  }
}

describe('a damaged bundle', () => {
  test('is refused or harmless, for every changed byte and every cut of every file', () => {
    const dir = join(temporaryFolder(), 'b');
    writeBundle(dir, sampleParts());
    const intact = meaning(readBundle(dir));
    for (const file of readdirSync(dir)) memory.set(join(dir, file), readFileSync(join(dir, file)));
    for (const [path, bytes] of memory) {
      let refused = 0;
      for (const damaged of damages(bytes)) {
        memory.set(path, damaged);
        const bundle = readOrRefuse(() => readBundle(dir));
        if (bundle) expect(meaning(bundle)).toEqual(intact);
        else refused++;
      }
      memory.set(path, bytes);
      expect(refused, path).toBeGreaterThan(bytes.length);
    }
  });

  test('below the checksums, changed bytes of arrays are refused or numbers', () => {
    const { weights, means } = sampleParts();
    for (const damaged of damages(encodeWeights(smallest, weights))) {
      readOrRefuse(() => decodeWeights(smallest, damaged, 'weights'));
    }
    for (const damaged of damages(encodeMeans(smallest, means))) {
      readOrRefuse(() => decodeMeans(smallest, damaged, 'means'));
    }
  });

  const read = (edit: (dir: string) => void) => () => {
    const dir = join(temporaryFolder(), 'b');
    writeBundle(dir, sampleParts());
    edit(dir);
    return readBundle(dir);
  };
  const manifest = (edit: (text: string) => string) => (dir: string) => {
    const path = join(dir, 'bundle.json');
    writeFileSync(path, edit(readFileSync(path, 'utf8')));
  };
  test.each([
    ['cut', (dir: string) => writeFileSync(join(dir, 'config.json'), '{'), 'has 1 bytes instead'],
    [
      'changed',
      (dir: string) => {
        const path = join(dir, 'weights.safetensors');
        const bytes = readFileSync(path);
        bytes[bytes.length - 1] ^= 1;
        writeFileSync(path, bytes);
      },
      'weights.safetensors was changed (its SHA-256 differs)',
    ],
    ['missing file', (dir: string) => rmSync(join(dir, 'card.json')), 'card.json is missing'],
    ['missing manifest', (dir: string) => rmSync(join(dir, 'bundle.json')), 'json is missing'],
    ['missing folder', (dir: string) => rmSync(dir, { recursive: true }), 'no bundle b in '],
    ['unknown format', manifest((text) => text.replace('"format": 2', '"format": 3')), 'format 3'],
    ['no record', manifest(() => 'null'), 'format undefined'],
    ['extra file', manifest((text) => text.replace('"README.md"', '"../x"')), 'bundle.json, files'],
    ['other hash', manifest((text) => text.replace(/"hash": "./, '"hash": "')), 'not a SHA-256'],
  ])('says what is wrong: %s', (_, edit, message) => {
    expect(read(edit)).toThrow(BundleError);
    expect(read(edit)).toThrow(message);
  });
});

describe('arrays that are not the config’s', () => {
  const tensors = (entries: Record<string, Tensor>) =>
    encodeSafetensors({ tensors: new Map(Object.entries(entries)), metadata: {} });

  test('a wrong shape of the same size is refused', () => {
    const { weights, means } = sampleParts();
    const bytes = encodeWeights(smallest, weights);
    const text = Buffer.from(bytes).toString('latin1');
    const wrong = Buffer.from(
      text.replace('embed.weight\\":[5,4]', 'embed.weight\\":[4,5]'),
      'latin1',
    );
    expect(() => decodeWeights(smallest, wrong, 'w')).toThrow(
      "w, array 'embed.weight' has shape [4,5] instead of [5,4] of config.json",
    );
    const square = Object.fromEntries(
      [...means].map(([name, data]) => [name, { shape: [1, data.length], data }]),
    );
    expect(() => decodeMeans(smallest, tensors(square), 'm')).toThrow('is not F32 with one axis');
  });

  test('weights of another config are refused', () => {
    const { weights } = sampleParts();
    const bytes = encodeWeights(smallest, weights);
    expect(() => decodeWeights({ ...smallest, sinks: false }, bytes, 'w')).toThrow(
      "w, array 'layers.0.attn.sink' is not a parameter",
    );
    expect(() => decodeWeights({ ...smallest, layers: 2 }, bytes, 'w')).toThrow('shape [none]');
  });

  test.each([
    ['descending', [3, 2]],
    ['repeated', [2, 2]],
    ['beyond the end', [2, 4]],
    ['negative', [-1, 2]],
  ])('indices %s are refused', (_, indices) => {
    const { weights } = sampleParts();
    weights.set('layers.0.mlp.out.bias', Float32Array.of(0, 1, 1, 0));
    const content = decodeSafetensors(encodeWeights(smallest, weights), 'w');
    content.tensors.get('layers.0.mlp.out.bias.indices')!.data.set(indices);
    expect(() => decodeWeights(smallest, encodeSafetensors(content), 'w')).toThrow(
      /mlp.out.bias' has index -?\d after/,
    );
  });
});
