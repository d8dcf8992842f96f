/** The circuit of the known model in the form of a file, as pruning would have found it. */
import { createHash } from 'node:crypto';
import type { Circuit } from '../../models/circuits/file/circuitFile';
import { KNOWN_EDGES, KNOWN_NODES } from '../support/knownCircuit';
import { sampleCircuit, sampleSearch } from '../support/circuits';

/** For a model and the pairs of a file. */
export function knownCircuit(bundle: Circuit['bundle'], file: string, pairs: string): Circuit {
  return sampleCircuit({
    bundle,
    pairs: { file, sha256: createHash('sha256').update(pairs).digest('hex') },
    search: { ...sampleSearch, command: 'by hand' },
    ...{
      core: KNOWN_NODES,
      backups: [],
      cut: KNOWN_NODES.slice(1, 2),
      edges: KNOWN_EDGES,
      allEdges: KNOWN_EDGES.length,
    },
  });
}
