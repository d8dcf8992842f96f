/** Random bundles on disk with the shipped tokenizer, and what they are made of. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBundle, type BundleParts } from '../../../models/bundles/bundle';
import { bridgeSpecs } from '../../../models/bridges/parameters';
import type { TransformerConfig } from '../../../models/transformer/config';
import { sizeOf } from '../../../models/transformer/parameters';
import { randomMeans, randomWeights, tinyConfig } from '../../support/models';

const TOKENIZER = new URL('../../../models/bundles/python-sparse/tokenizer.json', import.meta.url);

/** A tiny model of the shipped vocabulary. */
export function vocabConfig(overrides: Partial<TransformerConfig> = {}): TransformerConfig {
  return tinyConfig({ vocab: 2048, ...overrides });
}

/** Random parts of a bundle. */
export function randomParts(config: TransformerConfig, seed = 1): BundleParts {
  return {
    name: 'tiny',
    config,
    weights: randomWeights(config, seed, 0.5),
    means: randomMeans(config, seed),
    tokenizerJson: readFileSync(TOKENIZER, 'utf8'),
    card: { summary: 'Random weights for tests.', license: 'mit' },
  };
}

/** A new folder, and what removes it. */
export function temporaryFolder(): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'circuitscope-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Writes a bundle into a folder and returns the bundle's own. */
export function bundleIn(dir: string, parts: BundleParts): string {
  const bundle = join(dir, parts.name);
  writeBundle(bundle, parts);
  return bundle;
}

/** Bridges that leave a stream as it is, to a model of a name and hash. */
export function identityBridges(
  partner: { name: string; hash: string },
  { layers, dModel }: Pick<TransformerConfig, 'layers' | 'dModel'>,
) {
  const sizes = { layers, sparse: dModel, dense: dModel };
  const weights = new Map(
    bridgeSpecs(sizes).map(({ name, shape }) => [
      name,
      Float32Array.from({ length: sizeOf(shape) }, (_, i) =>
        shape.length === 2 && i % (dModel + 1) === 0 ? 1 : 0,
      ),
    ]),
  );
  const { name, hash } = partner;
  return { name, hash, dModel, encoderKept: dModel, weights };
}
