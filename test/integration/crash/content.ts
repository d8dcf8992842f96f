/** What the writer that is killed writes, and what its readers expect. */
import type { BundleParts } from '../../../models/bundles/bundle';
import type { Circuit } from '../../../models/circuits/file/circuitFile';
import { knownCircuit } from '../../e2e/knownCircuitFile';
import { sampleSearch } from '../../support/circuits';
import { randomMeans, randomWeights, tinyConfig } from '../../support/models';

export const CHECKPOINT_ENTRIES = 300_000;
export const STREAM_TOKENS = 500_000;
export const CIRCUIT_NODES = 30_000;
export const TOKENIZER = 'models/bundles/python-sparse/tokenizer.json';

/** A tiny bundle whose card has the number. */
export function smallParts(step: number): BundleParts {
  const config = tinyConfig();
  return {
    ...{ name: 'small', config, weights: randomWeights(config, 1), means: randomMeans(config, 1) },
    tokenizerJson: '{}',
    card: { summary: 'Random weights for tests.', license: 'mit', step },
  };
}

/** A large circuit whose losses have the number. */
export function largeCircuit(step: number): Circuit {
  return {
    ...knownCircuit({ name: 'small', hash: 'a5'.repeat(32) }, 'pairs.jsonl', ''),
    search: { ...sampleSearch, loss: { full: step, core: -step } },
    edges: [],
    core: Array.from({ length: CIRCUIT_NODES }, (_, i) => `0.mlp.post_act.${i}`),
  };
}
