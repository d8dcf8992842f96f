/** What a person is shown of one token. */
import { countAblations, type AblationCount } from '../../shared/ablations';
import type { Intervention } from '../../models/inference/interventions';
import type { Snapshot } from './documents';
import { shownNext, shownToken, type ShownToken } from './shownToken';
import { bits, likeliest, rankOf, type TokenTrace } from './tokenTrace';
import type { At, Traces } from './traces';

/** How surprised the model was by a token. */
export interface Surprise {
  readonly bits: number;
  /** 1 for the likeliest. */
  readonly rank: number;
}

/** A token that may come next. */
export interface Candidate extends ShownToken {
  /** Token id. */
  readonly id: number;
  /** Probability, with the interventions that are on. */
  readonly share: number;
  /** Probability without interventions; null when none are on. */
  readonly before: number | null;
  /** Whether the document has this token next. */
  readonly observed: boolean;
}

export interface TokenView extends ShownToken {
  /** Index of the token. */
  readonly token: number;
  readonly surprise: Surprise;
  /** The same without interventions; null when none are on. */
  readonly surpriseBefore: Surprise | null;
  /** Likeliest first. */
  readonly candidates: readonly Candidate[];
  /** The interventions in force here. */
  readonly inForce: AblationCount;
  readonly trace: TokenTrace;
}

/** The predictions before and after a token. */
interface Reading {
  /** Made before the token: of the token itself. */
  readonly prior: TokenTrace;
  /** Made at the token: of what follows. */
  readonly here: TokenTrace;
}

/**
 * Traces a token, with and without interventions where there are some.
 * @param count candidates wanted; the token that really follows comes on top of them
 */
export async function tokenView(
  traces: Traces,
  { snapshot, token, interventions }: At,
  count: number,
  signal?: AbortSignal,
): Promise<TokenView> {
  const read = async (under: readonly Intervention[]): Promise<Reading> => {
    const trace = (token: number) =>
      traces.trace({ snapshot, token, interventions: under }, signal);
    // At once: a single pass of their window answers both.
    const [here, prior] = await Promise.all([trace(token), trace(token - 1)]);
    return { here, prior };
  };
  const [now, before] = await Promise.all([
    read(interventions),
    interventions.length > 0 ? read([]) : null,
  ]);
  const id = snapshot.encoding.ids[token];
  return {
    token,
    ...shownToken(snapshot, token),
    surprise: surprise(now.prior, id),
    surpriseBefore: before && surprise(before.prior, id),
    candidates: candidates(snapshot, token, now.here, before?.here ?? null, count),
    inForce: countAblations(interventions),
    trace: now.here,
  };
}

function surprise({ logprobs }: TokenTrace, id: number): Surprise {
  return { bits: bits(-logprobs[id]), rank: rankOf(logprobs, id) };
}

function candidates(
  snapshot: Snapshot,
  token: number,
  now: TokenTrace,
  before: TokenTrace | null,
  count: number,
): Candidate[] {
  const { encoding } = snapshot;
  const next = token + 1 < encoding.ids.length ? encoding.ids[token + 1] : null;
  const ids = likeliest(now.logprobs, count);
  // What an intervention pushed out of the list is what it is about.
  const lost = before ? likeliest(before.logprobs, 1).filter((id) => !ids.includes(id)) : [];
  const observed = next === null || ids.includes(next) || lost.includes(next) ? [] : [next];
  return [...ids, ...lost, ...observed].map((id) => ({
    id,
    ...shownNext(snapshot, token, id),
    share: Math.exp(now.logprobs[id]),
    before: before && Math.exp(before.logprobs[id]),
    observed: id === next,
  }));
}
