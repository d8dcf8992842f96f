/** What a circuit's story is told from, and what its parts share. */
import type { Labels } from '../../bundles/labels';
import type { Circuit } from '../../circuits/file/circuitFile';
import type { ModelEdges } from '../../weights/edges';
import type { PairReading } from './readings';
import { listed, say, type Piece } from './sentence';

/** A circuit and what it was measured on. */
export interface ToldCircuit {
  /** Of the task, or the file of pairs. */
  readonly name: string;
  readonly description: string | null;
  readonly circuit: Circuit;
  readonly model: ModelEdges;
  readonly labels: Labels | null;
  /** Text of a token id. */
  readonly textOf: (id: number) => string;
  readonly pairs: readonly PairReading[];
}

/** Feeds, channels and writes that are named. */
export const NAMED = 4;

/** Whether all pairs have the same two answers. */
export const constantAnswers = (pairs: readonly PairReading[]): boolean =>
  pairs.every(
    ([{ prompt }]) =>
      prompt.first === pairs[0][0].prompt.first && prompt.second === pairs[0][0].prompt.second,
  );

/** Pieces of a list that may go on. */
export function someOf(pieces: readonly Piece[], others: number): Piece {
  return others > 0 ? say('{0} and {1} more', listed(pieces), `${others}`) : listed(pieces);
}
