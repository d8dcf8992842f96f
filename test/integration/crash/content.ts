/** What the writer that is killed writes, and what its readers expect. */
import type { BundleParts } from '../../../models/bundles/bundle';
import { siteWidth } from '../../../models/transformer/config';
import { allSites } from '../../../models/transformer/nodes';
import { randomWeights, tinyConfig } from '../../support/models';

export const CHECKPOINT_ENTRIES = 300_000;
export const STREAM_TOKENS = 500_000;
export const TOKENIZER = 'models/bundles/python-sparse/tokenizer.json';

/** A tiny bundle whose card has the number. */
export function smallParts(step: number): BundleParts {
  const config = tinyConfig();
  const means = allSites(config).map(
    ({ name, site }) => [name, new Float32Array(siteWidth(config, site)).fill(0.5)] as const,
  );
  return {
    ...{ name: 'small', config, weights: randomWeights(config, 1), means: new Map(means) },
    tokenizerJson: '{}',
    card: { summary: 'Random weights for tests.', license: 'mit', step },
  };
}
