/** A small bundle's parts and a folder for it, for the tests beside this file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { BundleParts } from '../../../models/bundles/bundle';
import type { TransformerConfig } from '../../../models/transformer/config';
import { randomMeans, randomWeights, tinyConfig } from '../../support/models';

/** About as small as a model with all its parts can be. */
export const smallest: TransformerConfig = tinyConfig({
  layers: 1,
  dModel: 4,
  heads: 1,
  dHead: 2,
  dMlp: 3,
  vocab: 5,
  context: 3,
  positions: 1,
});

/** Parts whose weights a test may change. */
type SampleParts = BundleParts & { readonly weights: Map<string, Float32Array> };

/** Random parts of a bundle named `small`. */
export function sampleParts(config = smallest, seed = 1, density = 0.4): SampleParts {
  return {
    name: 'small',
    config,
    weights: randomWeights(config, seed, density),
    means: randomMeans(config, seed),
    tokenizerJson: '{ "version": "1.0", "vocab": {"é": 0} }',
    card: { summary: 'A sample.', license: 'mit', heldOutLoss: { nats: 1.5 }, seed },
  };
}

/** A new folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The bits of every number, to compare more strictly than by value. */
export function bitsOf(arrays: ReadonlyMap<string, Float32Array>): Record<string, Uint32Array> {
  return Object.fromEntries(
    [...arrays].map(([name, data]) => [name, new Uint32Array(Float32Array.from(data).buffer)]),
  );
}
