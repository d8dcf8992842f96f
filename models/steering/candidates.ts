/** What can steer the prompts of a task: nodes, channels, and what they are compared with. */
import { readSite, type StreamChange } from '../bridges/steering';
import { Rng } from '../random';
import { placesOf } from '../transformer/model';
import { parseNode } from '../transformer/nodes';
import { rowLengths } from './rows';
import type { Steering } from './steering';

const RANDOM_DIRECTIONS = 8;
/** Cases that all candidates are tried on, and how many of the best are tried on all cases. */
const FIRST_CASES = 4;
const FINALISTS = 16;

/** Something that can steer, and its change in a case; null where it does not differ between the texts. */
export interface Candidate {
  readonly name: string;
  readonly change: (steering: Steering) => StreamChange | null;
}

export const nodeCandidate = (name: string): Candidate => ({
  name,
  change: (steering) =>
    steering.canSteer(parseNode(name, steering.configs.sparse)) ? steering.nodeChange(name) : null,
});

/** A candidate whose change only the unembedding reads, no sublayer. */
export const directCandidate = ({ name, change }: Candidate): Candidate => ({
  name: `${name} directly`,
  change: (steering) => {
    const own = change(steering);
    return own && { place: placesOf(steering.configs.dense), change: own.change };
  },
});

/** Every channel of the dense model's residual stream at every place that nodes steer at. */
export function channelCandidates({ configs: { dense } }: Steering): Candidate[] {
  return Array.from({ length: placesOf(dense) - 1 }, (_, i) => i + 1).flatMap((place) =>
    Array.from({ length: dense.dModel }, (__, channel) => ({
      name: `${readSite(place)}.${channel}`,
      change: (steering: Steering) => steering.channelChange(place, channel),
    })),
  );
}

/** Candidates with changes as long as another's at every token, in random directions. */
export function randomDirections(
  { name, change }: Candidate,
  width: number,
  seed: number,
): Candidate[] {
  const rng = new Rng(seed, 'control', `directions ${name}`);
  return Array.from({ length: RANDOM_DIRECTIONS }, (_, i) => {
    const drawn = Float32Array.from({ length: width }, () => rng.normal());
    const [length] = rowLengths(drawn, width);
    const direction = drawn.map((x) => x / length);
    return {
      name: `direction ${i + 1}`,
      change: (steering: Steering) => {
        const own = change(steering);
        return own && { place: own.place, change: inDirection(own.change, direction) };
      },
    };
  });
}

/** Rows [row, width] of the same lengths, all in one direction (a unit vector). */
function inDirection(rows: Float32Array, direction: Float32Array): Float32Array {
  const lengths = rowLengths(rows, direction.length);
  return Float32Array.from(lengths.flatMap((length) => Array.from(direction, (x) => length * x)));
}

/**
 * The candidate with the largest sum of scores over the cases: all are tried on the first cases, which
 * also say which there are, and the best of them on all.
 */
export async function bestOf<K, C extends { readonly name: string }>(
  cases: readonly K[],
  candidatesIn: (one: K) => readonly C[] | Promise<readonly C[]>,
  score: (one: K, candidate: C) => Promise<number>,
): Promise<C | undefined> {
  const first = cases.slice(0, FIRST_CASES);
  const all = new Map<string, C>();
  for (const one of first) {
    for (const candidate of await candidatesIn(one)) all.set(candidate.name, candidate);
  }
  const ranked = async (over: readonly K[], candidates: readonly C[]) => {
    const sums = new Map<C, number>();
    for (const candidate of candidates) {
      let sum = 0;
      for (const one of over) sum += await score(one, candidate);
      sums.set(candidate, sum);
    }
    return [...candidates].sort((x, y) => sums.get(y)! - sums.get(x)!);
  };
  const finalists = (await ranked(first, [...all.values()])).slice(0, FINALISTS);
  return (await ranked(cases, finalists)).at(0);
}
