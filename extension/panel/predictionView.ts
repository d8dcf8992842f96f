/** What the model predicts, without and with the ablations, as the panel shows it. */
import type { AblationCount } from '../../shared/ablations';
import type { Prediction } from '../../webview/protocol';
import { likeliest, type TokenTrace } from '../trace/tokenTrace';
import { nextText } from './nodeText';
import type { Asked, Target } from './asked';
import { valueOf } from './subject';

const CANDIDATES = 6;

/** What is compared. */
export interface Compared {
  readonly before: TokenTrace;
  readonly now: TokenTrace;
  /** What the circuit is about. */
  readonly target: Target;
  /** Token id that the document has, if it has one. */
  readonly observed: number | null;
  /** The ablations that make `now`. */
  readonly inForce: AblationCount;
  /** Whether `now` is the prediction of another text. */
  readonly compared: boolean;
  /** This text's with the ablations, where it is compared with another and there are any. */
  readonly ablated?: TokenTrace | null;
}

/** The likeliest tokens of both predictions with the target among them, likeliest before first. */
export function predictionView(
  { snapshot, reader }: Pick<Asked, 'snapshot' | 'reader'>,
  compared: Compared,
): Prediction {
  const { before, now, target, observed, inForce, ablated = null } = compared;
  const differs = inForce.ablations > 0 || compared.compared;
  const ids = new Set([target.id, ...likeliest(before.logprobs, CANDIDATES - 1)]);
  if (target.contrast !== null) ids.add(target.contrast);
  if (observed !== null) ids.add(observed);
  // What was brought up is what it is about.
  if (differs) for (const id of likeliest(now.logprobs, 3)) ids.add(id);
  if (ablated) for (const id of likeliest(ablated.logprobs, 3)) ids.add(id);
  const sorted = [...ids].sort((a, b) => before.logprobs[b] - before.logprobs[a]);
  return {
    ...{ inForce, compared: compared.compared },
    logprob: {
      ...{ before: valueOf(target, before.logprobs), now: valueOf(target, now.logprobs) },
      ...(ablated && { ablated: valueOf(target, ablated.logprobs) }),
    },
    candidates: sorted.map((id) => ({
      id,
      text: nextText(snapshot, reader, id),
      before: Math.exp(before.logprobs[id]),
      now: Math.exp(now.logprobs[id]),
      ...(ablated && { ablated: Math.exp(ablated.logprobs[id]) }),
      observed: id === observed,
      target: id === target.id,
      contrast: id === target.contrast,
    })),
  };
}
