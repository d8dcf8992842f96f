/** The circuit of the known model in the form of a file, as pruning would have found it. */
import { createHash } from 'node:crypto';
import type { Circuit } from '../../models/circuits/circuitFile';
import { DEFAULT_SETTINGS } from '../../models/circuits/defaults';
import { KNOWN_NODES } from '../support/knownCircuit';

/** For a model and the pairs of a file. */
export function knownCircuit(bundle: Circuit['bundle'], file: string, pairs: string): Circuit {
  return {
    format: 1,
    bundle,
    pairs: { file, sha256: createHash('sha256').update(pairs).digest('hex') },
    ablation: 'mean',
    options: { ...DEFAULT_SETTINGS, steps: 20, runs: 1, trainPairs: 4 },
    effort: { runs: 1, steps: 20, tokens: 0, seconds: 1, complete: true },
    command: 'by hand',
    calibration: { scale: 1, shift: 0 },
    loss: { full: 0, circuit: 0 },
    nodes: KNOWN_NODES,
    edges: [],
  };
}
