/** The logit lens in the report of `circuitscope trace`. */
import type { Intervention } from '../inference/interventions';
import type { Runtime } from '../runtime/runtime';
import type { Position } from '../inference/textTokens';
import { percent, table } from './format';
import { textOf, type TokenText } from '../inference/tokenText';

/** What the residual stream would predict after each layer; log-probabilities are in nats. */
export interface LensReport {
  /** The token whose rank is told. */
  target: TokenText & { id: number };
  /** Whether the bigram table is part of every prediction. */
  bigram: boolean;
  rows: {
    /** Layers that have written to the stream; 0: the embedding alone. */
    layers: number;
    top: TokenText & { id: number; logprob: number };
    /** Of the target; rank 1 is the likeliest. */
    logprob: number;
    rank: number;
  }[];
}

/** Reads the lens at the place that a report is about. */
export async function lensOf(
  runtime: Runtime,
  where: {
    readonly text: string;
    readonly at: Position;
    readonly interventions: readonly Intervention[];
    /** Whose rank is told; by default that of the likeliest. */
    readonly target?: number | undefined;
  },
): Promise<LensReport> {
  const { text, at, interventions, target: of } = where;
  const { target, bigram, rows } = await runtime.lens(text, at, {
    interventions,
    ...(of !== undefined && { target: of }),
  });
  const token = (id: number) => ({ id, ...textOf(runtime.info, id) });
  return {
    target: token(target),
    bigram,
    rows: rows.map(({ layers, top, logprob, rank }) => ({
      ...{ layers, top: { ...token(top.id), logprob: top.logprob }, logprob, rank },
    })),
  };
}

/** The lens as a table. */
export function readableLens({ target, bigram, rows }: LensReport): string {
  const header = ['stream after', 'likeliest', 'share', `'${target.shown}'`, 'rank'];
  const body = rows.map(({ layers, top, logprob, rank }) => [
    layers === 0 ? 'embedding' : `layer ${layers - 1}`,
    `'${top.shown}'`,
    ...[percent(Math.exp(top.logprob)), percent(Math.exp(logprob)), String(rank)],
  ]);
  const withTable = bigram ? ' and bigram table' : '';
  return [
    table([header, ...body]),
    `logit lens: the model's final norm, unembedding${withTable} applied to the stream after each layer; later layers may read what it does not show`,
  ].join('\n');
}
