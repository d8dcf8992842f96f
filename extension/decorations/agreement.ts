/** Where a node's label holds, and whether the node is active there. */
import type { LabelPlaces } from '../../models/runtime/labelPlaces';
import type { Scan } from '../trace/traces';
import { runs, type Run } from './levels';

/** Tokens by whether the label holds and the node tells it. */
export interface Agreement {
  readonly both: number;
  readonly labelOnly: number;
  readonly nodeOnly: number;
  /** Where the label holds. */
  readonly holds: readonly Run[];
}

/** Sets a node's activations at some tokens beside its label. */
export function agreementOf(scan: Scan, { sign, threshold, holds }: LabelPlaces): Agreement {
  const turn = sign === 'positive' ? 1 : -1;
  let [both, labelOnly, nodeOnly] = [0, 0, 0];
  const { start } = scan;
  const marks = Float32Array.from(scan.values, (value, i) => {
    const told = turn * value >= threshold;
    const held = holds[start + i] === 1;
    if (held && told) both++;
    else if (held) labelOnly++;
    else if (told) nodeOnly++;
    return held ? 1 : 0;
  });
  return { both, labelOnly, nodeOnly, holds: runs({ start, values: marks }, (mark) => mark) };
}
