/** The logit lens as the panel shows it. */
import type { AblationCount } from '../../shared/ablations';
import type { Lens as Read } from '../../models/runtime/lens';
import type { Lens } from '../../webview/protocol';
import type { Asked } from './asked';
import { nextText } from './nodeText';

/** @param inForce the ablations under which it was read */
export function lensView(
  { target, bigram, rows }: Read,
  { snapshot, reader }: Asked,
  inForce: AblationCount,
): Lens {
  return {
    ...{ target: nextText(snapshot, reader, target), bigram, inForce },
    rows: rows.map(({ layers, top, logprob, rank }) => ({
      ...{ layers, top: nextText(snapshot, reader, top.id), topShare: Math.exp(top.logprob) },
      ...{ share: Math.exp(logprob), rank },
    })),
  };
}
