/** Reduces ranked gates to the fewest that keep the target: bisection, then dropping by measurement. */
import type { Goal } from './goal';
import { fewestEnough } from './fewest';
import type { GatedModel, GateSet } from './gates';
import type { Ranked } from './maskTraining';
import { around, Ranking, type RankingOptions } from './ranking';

export interface SelectOptions<G> extends RankingOptions<G> {
  /** A further condition on gates that keep the goal. */
  readonly alsoKeeps?: (gates: G) => Promise<boolean>;
  /** First-order harm to that condition of dropping each gate, [gate]. */
  readonly alsoHarms?: (gates: G) => Promise<ArrayLike<number>>;
  /** True when no time is left to drop more. */
  readonly expired: () => boolean;
  readonly onCount: (count: number) => void;
  /** Gain from dropping each gate of a set, [gate]: for instance the number of its nodes and edges. */
  readonly weigh: (gates: G) => ArrayLike<number>;
}

/** Gates that keep the target. */
export interface Selection<G> {
  readonly gates: G;
  /** No further gate can be dropped; false when the time ran out before that was known. */
  readonly complete: boolean;
}

/** Result of the bisection: the gates that keep the target, or the nearest to it. */
export interface Bisected<G> {
  /** Null when no number of gates keeps the target. */
  readonly gates: G | null;
  /** Smallest cautious loss (nats) of the numbers tried, and its gates. */
  readonly loss: number;
  readonly nearest: G;
}

/** Numbers up to this multiple of the gates with positive scores are tried first. */
const SPARE = 2;
/** Pairs on which the clean-up orders gates before it measures on all. */
const SCREENING_PAIRS = 6;
/** Most gates that are measured one by one, on some pairs and on all; more would take minutes. */
const MEASURED = { screening: 120, exact: 60 };

/**
 * The fewest best-ranked gates that keep the target; null when no number of them does. More gates need not
 * mean less loss, so numbers around that of the gates with positive scores are tried first, and the bisection
 * is between the smallest of them that keeps the target and the next smaller.
 */
export async function bisect<G extends GateSet<G>>(
  ranked: Ranked<G>,
  options: SelectOptions<G>,
): Promise<Bisected<G>> {
  const { gates, scores } = ranked;
  const ranking = new Ranking(ranked);
  const positive = scores.reduce((count, score) => count + (score > 0 ? 1 : 0), 0);
  const most = Math.min(gates.count, SPARE * Math.max(positive, 8));
  // Without time left, only the largest of these numbers is tried.
  const few = await fewest(ranking, options.expired() ? [most] : around(most), options);
  if (few.gates) {
    return { ...few, gates: await alsoKept(ranking, few.gates.count, options, gates.count) };
  }
  if (most === gates.count) return few;
  const all = await fewest(ranking, [gates.count], options);
  return all.gates !== null || all.loss < few.loss ? all : few;
}

/** About the smallest number from `least` on that meets the further condition; all gates if none does. */
async function alsoKept<G extends GateSet<G>>(
  ranking: Ranking<G>,
  least: number,
  { alsoKeeps, expired }: SelectOptions<G>,
  all: number,
): Promise<G> {
  if (!alsoKeeps) return ranking.first(least);
  const isEnough = (count: number) => alsoKeeps(ranking.first(count));
  const enough = await fewestEnough({ first: least, most: all, isEnough, expired });
  return ranking.first(enough ?? (expired() ? least : all));
}

/** The gates of the smallest count that keeps the target, reduced further by bisection. */
async function fewest<G extends GateSet<G>>(
  ranking: Ranking<G>,
  counts: readonly number[],
  options: SelectOptions<G>,
): Promise<Bisected<G>> {
  const { expired, goal, onCount } = options;
  const model = ranking.open(counts.at(-1)!, options);
  try {
    const losses = await model.losses(counts);
    const place = losses.findIndex((loss) => loss <= goal.target);
    const least = Math.min(...losses);
    const nearest = ranking.first(counts[losses.indexOf(least)]);
    if (place < 0) return { gates: null, loss: least, nearest };
    let [low, high] = [counts[place - 1] ?? 0, counts[place]];
    // Whenever this stops, `high` keeps the target.
    while (high - low > 1 && !expired()) {
      const middle = (low + high) >> 1;
      const [loss] = await model.losses([middle]);
      if (loss <= goal.target) high = middle;
      else low = middle;
      onCount(high);
    }
    return { gates: ranking.first(high), loss: least, nearest };
  } finally {
    await model.release();
  }
}

/**
 * How a round of the clean-up estimates the harm of dropping each gate alone: by the slope of the loss, by
 * measuring on some pairs, or by measuring on all. The next estimate is used when the order by one allows no
 * further drop, and only the last can show that no gate can be dropped.
 */
const ESTIMATES = ['slope', 'screening', 'exact'] as const;

/** Numbers of gates that are tried in the order of their slopes, before measuring takes over. */
const SLOPE_TRIALS = 9;
/** Fewest gates for which computing slopes pays off. */
const SLOPE_GATES = 48;

/**
 * Drops gates for as long as the target is kept: each round as many of the least harmful together as
 * possible. A gate that could not be dropped when all were measured is not tried again: with fewer gates left
 * it is needed even more.
 */
export async function cleanUp<G extends GateSet<G>>(
  start: G,
  options: SelectOptions<G>,
): Promise<Selection<G>> {
  const { goal, open, weigh } = options;
  const needed = new Set<string>();
  let gates = start;
  for (let level = 0; ;) {
    options.onCount(gates.count);
    if (options.expired()) return { gates, complete: false };
    const asked = gates.names.flatMap((name, gate) => (needed.has(name) ? [] : [gate]));
    if (asked.length === 0 || gates.count <= 1) return { gates, complete: true };
    if (ESTIMATES[level] === 'slope' && asked.length < SLOPE_GATES) level++;
    const estimate = ESTIMATES[level];
    if (estimate !== 'slope' && asked.length > MEASURED[estimate])
      return { gates, complete: false };
    const exact = estimate === 'exact';
    const model = open(gates);
    const without = (dropped: readonly number[]) => {
      const setting = new Float32Array(gates.count).fill(1);
      for (const gate of dropped) setting[gate] = 0;
      return setting;
    };
    try {
      const judge = exact ? goal : goal.on(SCREENING_PAIRS);
      const losses =
        estimate === 'slope'
          ? await firstOrder(model, gates, asked, judge, options)
          : await judge.losses(model, asked.length, (i) => without([asked[i]]));
      const ranked = byHarm(asked, losses, weigh(gates));
      const order = ranked.filter((i) => !exact || losses[i] <= goal.target);
      if (exact)
        for (const i of ranked) if (losses[i] > goal.target) needed.add(gates.names[asked[i]]);
      if (order.length === 0) return { gates, complete: true };
      const all = shares(exact ? order.length : Math.ceil(order.length / 2));
      const counts = estimate === 'slope' ? all.slice(0, SLOPE_TRIALS) : all;
      const gone = (count: number) => order.slice(0, count).map((i) => asked[i]);
      const less = (count: number) => {
        const dropped = new Set(gone(count));
        return gates.filter((gate) => !dropped.has(gate));
      };
      const found = await firstKept(counts, async (count) => {
        if (options.expired()) return false;
        const [kept] = await goal.keeps(model, [without(gone(count))]);
        return kept && ((await options.alsoKeeps?.(less(count))) ?? true);
      });
      if (found !== undefined) gates = less(found);
      else if (!exact) level++;
      // Dropping it alone keeps the goal, but breaks the further condition.
      else needed.add(gates.names[asked[order[0]]]);
    } finally {
      await model.release();
    }
  }
}

/** The first count that can be dropped, tried in order: usually one of the first can. */
async function firstKept(
  counts: readonly number[],
  keeps: (count: number) => Promise<boolean>,
): Promise<number | undefined> {
  for (const count of counts) if (await keeps(count)) return count;
  return undefined;
}

/** First-order increase of the loss from dropping each of some gates, the further condition included. */
async function firstOrder<G extends GateSet<G>>(
  model: GatedModel,
  gates: G,
  asked: readonly number[],
  goal: Goal,
  { alsoHarms }: SelectOptions<G>,
): Promise<number[]> {
  const slopes = await goal.slopes(model, gates.count);
  const also = await alsoHarms?.(gates);
  return asked.map((gate) => Math.max(-slopes[gate], also?.[gate] ?? -Infinity));
}

/** Places of gates in the order of the loss that dropping each adds, per unit of its gain. */
function byHarm(
  asked: readonly number[],
  losses: readonly number[],
  worth: ArrayLike<number>,
): number[] {
  const least = losses.reduce((a, b) => Math.min(a, b), Infinity);
  const harm = asked.map((gate, i) => (losses[i] - least) / worth[gate]);
  return Array.from(harm.keys()).sort((a, b) => harm[a] - harm[b]);
}

/** A count, seven tenths of it, and so on down to 1. */
function shares(count: number): number[] {
  const found = new Set<number>();
  for (let share = count; share >= 1; share *= 0.7) found.add(Math.floor(share));
  return [...found.add(1)];
}
