/** What can steer the prompts of a task: nodes, channels, and what they are compared with. */
import { readSite, type StreamChange } from '../bridges/steering';
import { Rng } from '../random';
import { siteWidth } from '../transformer/config';
import { placesOf } from '../transformer/model';
import { nodeName, parseNode } from '../transformer/nodes';
import { rowLengths } from './rows';
import type { Change, Steering } from './steering';

const RANDOM_DIRECTIONS = 8;
/** Cases that all candidates are tried on, and how many of the best are tried on all cases. */
const FIRST_CASES = 4;
const FINALISTS = 16;

/** Something that can steer, and its change in a case; null where it does not differ between the texts. */
export interface Candidate<C extends Change = Change> {
  readonly name: string;
  readonly change: (steering: Steering) => C | null;
}

type StreamCandidate = Candidate<StreamChange>;

export const nodeCandidate = (name: string): StreamCandidate => ({
  name,
  change: (steering) =>
    steering.canSteer(parseNode(name, steering.configs.sparse)) ? steering.nodeChange(name) : null,
});

/** Nodes of one site, all at once; null where none differs. */
export const togetherCandidate = (nodes: readonly StreamCandidate[]): StreamCandidate => ({
  name: `${nodes.length} nodes together`,
  change: (steering) => {
    const changes = nodes.map((node) => node.change(steering)).filter((change) => change !== null);
    if (changes.length === 0) return null;
    const [{ place, change }] = changes;
    return {
      place,
      change: change.map((_, i) => changes.reduce((sum, one) => sum + one.change[i], 0)),
    };
  },
});

/** A candidate whose change only the unembedding reads, no sublayer. */
export const directCandidate = ({ name, change }: StreamCandidate): StreamCandidate => ({
  name: `${name}, added after the last layer`,
  change: (steering) => {
    const own = change(steering);
    return own && { place: placesOf(steering.configs.dense), change: own.change };
  },
});

/** A candidate whose change only the next sublayer reads, as in Gao et al. */
export const nextReadCandidate = ({ name, change }: StreamCandidate): Candidate => ({
  name: `${name}, added to the next read alone`,
  change: (steering) => {
    const own = change(steering);
    return own && steering.nextRead(own);
  },
});

/**
 * What the dense model has itself, those that differ most between the texts: channels of its residual stream
 * at all places that nodes steer at, and neurons whose output a later sublayer reads.
 */
export function denseCandidates(steering: Steering, count: number): StreamCandidate[] {
  const { dense } = steering.configs;
  const channels = steeredPlaces(dense).flatMap((place) =>
    Array.from({ length: dense.dModel }, (_, channel) => ({
      name: `${readSite(place)}.${channel}`,
      change: (steering: Steering) => steering.channelChange(place, channel),
    })),
  );
  const neurons = Array.from({ length: dense.layers - 1 }, (_, layer) =>
    Array.from({ length: siteWidth(dense, 'mlp.post_act') }, (__, index) => ({
      name: nodeName({ layer, site: 'mlp.post_act', index }),
      change: (steering: Steering) => steering.neuronChange(layer, index),
    })),
  );
  return [...channels, ...neurons.flat()]
    .map((candidate) => ({ candidate, size: steering.sizeOf(candidate.change(steering)) }))
    .sort((a, b) => b.size - a.size)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/**
 * Steering vectors of the dense model itself, one a place: the mean over texts of the difference of its
 * residual stream at the last token, added there.
 */
export function meanDifferences(steerings: readonly Steering[]): StreamCandidate[] {
  return steeredPlaces(steerings[0].configs.dense).map((place) => {
    const all = steerings.map((steering) => steering.lastDenseDifference(place));
    const mean = all[0].map((_, c) => all.reduce((sum, one) => sum + one[c], 0) / all.length);
    return {
      name: `mean difference before ${readSite(place)}`,
      change: (steering) => steering.lastChange(place, mean),
    };
  });
}

/** Places of the residual stream that nodes steer at: all but the first, which holds the tokens alone. */
const steeredPlaces = (config: Parameters<typeof placesOf>[0]) =>
  Array.from({ length: placesOf(config) - 1 }, (_, i) => i + 1);

/** Candidates with changes as long as another's at every token, in random directions. */
export function randomDirections(
  { name, change }: StreamCandidate,
  width: number,
  seed: number,
): StreamCandidate[] {
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
 * Candidates by the sum of their scores over the cases, the largest first: all are tried on the first cases,
 * which also say which there are, and the best of them on all; the others follow as the first cases rank them.
 */
export async function ranking<K, C extends { readonly name: string }>(
  cases: readonly K[],
  candidatesIn: (one: K) => readonly C[] | Promise<readonly C[]>,
  score: (one: K, candidate: C) => Promise<number>,
): Promise<C[]> {
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
  const byFirst = await ranked(first, [...all.values()]);
  return [...(await ranked(cases, byFirst.slice(0, FINALISTS))), ...byFirst.slice(FINALISTS)];
}
