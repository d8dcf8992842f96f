/** From ranked nodes to the fewest that keep the target: bisection, then dropping by measurement. */
import type { MaskedModel } from '../../runtime/maskedModel';
import { nodeName } from '../../transformer/nodes';
import type { NodeSet } from '../nodeSet';
import type { Goal } from './goal';
import type { RankedUnits } from './maskTraining';
import { pairUnits, type Units } from './units';

export interface SelectOptions {
  /** Makes the masked model of some nodes. */
  readonly open: (nodes: NodeSet) => MaskedModel;
  readonly tied: boolean;
  readonly goal: Goal;
  /** True when no time is left to drop more. */
  readonly expired: () => boolean;
  readonly onNodes: (count: number) => void;
  /** What dropping each node of a set is worth, [node]: itself and its edges, for instance. */
  readonly weigh: (nodes: NodeSet) => ArrayLike<number>;
}

/** Nodes that keep the target. */
export interface Selection {
  readonly nodes: NodeSet;
  /** No node more could be dropped; false when the time ran out before. */
  readonly complete: boolean;
}

/** Up to these times the units with positive scores are looked at first. */
const SPARE = 2;

/** Pairs that the clean-up orders units by before it measures on all. */
const SCREENING_PAIRS = 16;

/**
 * The fewest best-ranked units that keep the target, null when no number of them does. More units need
 * not mean less loss, so the numbers around those with positive scores are looked at first, and the
 * bisection is between the least of them that keeps the target and the next.
 */
export async function bisect(ranked: RankedUnits, options: SelectOptions): Promise<NodeSet | null> {
  const { units, scores } = ranked;
  const order = Array.from(units.keys()).sort((a, b) => scores[b] - scores[a]);
  const positive = scores.reduce((count, score) => count + (score > 0 ? 1 : 0), 0);
  const most = Math.min(units.length, SPARE * Math.max(positive, 8));
  const first = (count: number) => nodesOf(ranked.nodes, units, order.slice(0, count));
  for (const counts of [around(most), [units.length]]) {
    const found = await fewest(first, counts, options);
    if (found) return found;
  }
  return null;
}

/** Numbers from a fifth of the most to the most, about an eighth apart. */
function around(most: number): number[] {
  const counts = new Set<number>();
  for (let count = most; count > most / 5; count *= 0.88) counts.add(Math.ceil(count));
  return [...counts].sort((a, b) => a - b);
}

/** The nodes of the least of some counts that keeps the target, and fewer where fewer do. */
async function fewest(
  first: (count: number) => NodeSet,
  counts: readonly number[],
  { open, goal, onNodes }: SelectOptions,
): Promise<NodeSet | null> {
  const nodes = first(counts.at(-1)!);
  const model = open(nodes);
  const keeps = (some: readonly number[]) =>
    goal.keeps(
      model,
      some.map((count) => nodes.gatesOf(first(count))),
    );
  try {
    const place = (await keeps(counts)).indexOf(true);
    if (place < 0) return null;
    let [low, high] = [counts[place - 1] ?? 0, counts[place]];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((await keeps([middle]))[0]) high = middle;
      else low = middle;
      onNodes(high);
    }
    return first(high);
  } finally {
    await model.release();
  }
}

function nodesOf(all: NodeSet, units: Units, chosen: readonly number[]): NodeSet {
  const places = new Set(chosen.flatMap((unit) => units[unit]));
  return all.filter((place) => places.has(place));
}

function nodesLess(all: NodeSet, units: Units, dropped: readonly number[]): NodeSet {
  const places = new Set(dropped.flatMap((unit) => units[unit]));
  return all.filter((place) => !places.has(place));
}

/**
 * How a round of the clean-up orders units by the harm that dropping each alone does: by the slope of
 * the loss, by measuring on some pairs, by measuring on all. The next way is taken when the order of
 * one leads no further, and only the last can tell that nothing more can go.
 */
const WAYS = ['slope', 'screening', 'exact'] as const;
type Way = (typeof WAYS)[number];

/** Units from which slopes are worth their graphs. */
const SLOPE_UNITS = 48;

/**
 * Drops every unit whose removal keeps the target: each round as many of the least harmful together
 * as keep it. A unit that could not go when all were measured is not asked again: with others gone it
 * is needed the more.
 */
export async function cleanUp(start: NodeSet, options: SelectOptions): Promise<Selection> {
  const { goal, tied, open, weigh } = options;
  const needed = new Set<string>();
  let nodes = start;
  for (let way = 0; ;) {
    options.onNodes(nodes.count);
    if (options.expired()) return { nodes, complete: false };
    const all = pairUnits(nodes, tied);
    const nameOf = (unit: readonly number[]) => nodeName(nodes.nodes[unit[0]]);
    const units = all.filter((unit) => !needed.has(nameOf(unit)));
    if (units.length === 0 || all.length <= 1) return { nodes, complete: true };
    if (WAYS[way] === 'slope' && units.length < SLOPE_UNITS) way++;
    const exact = WAYS[way] === 'exact';
    const model = open(nodes);
    try {
      const judge = exact ? goal : goal.on(SCREENING_PAIRS);
      const losses = await lossesWithout(model, units, judge, WAYS[way]);
      const ranked = byHarm(units, losses, weigh(nodes));
      const order = ranked.filter((unit) => !exact || losses[unit] <= goal.target);
      if (exact) for (const u of ranked) if (losses[u] > goal.target) needed.add(nameOf(units[u]));
      if (order.length === 0) return { nodes, complete: true };
      const counts = shares(exact ? order.length : Math.ceil(order.length / 2));
      const found = await firstKept(counts, (count) =>
        goal.keeps(model, [without(nodes, units, order.slice(0, count))]),
      );
      // Each of an exact order can be dropped alone; the smallest loss is safest.
      const best = found ?? (exact ? 1 : undefined);
      if (best === undefined) way++;
      else nodes = nodesLess(nodes, units, order.slice(0, best));
    } finally {
      await model.release();
    }
  }
}

/** The first count that is kept, one after the other: most often it is among the first. */
async function firstKept(
  counts: readonly number[],
  keeps: (count: number) => Promise<boolean[]>,
): Promise<number | undefined> {
  for (const count of counts) if ((await keeps(count))[0]) return count;
  return undefined;
}

/** Loss without each unit alone, [unit]; where only slopes are asked for, to first order. */
async function lossesWithout(
  model: MaskedModel,
  units: Units,
  goal: Goal,
  way: Way,
): Promise<number[]> {
  if (way === 'slope') {
    const slopes = await goal.slopes(model);
    return units.map((places) => places.reduce((sum, place) => sum - slopes[place], 0));
  }
  return goal.losses(
    model,
    units.map((_, unit) => without(model.nodes, units, [unit])),
  );
}

/** Units by the loss that dropping each adds, for every node and edge that goes with it. */
function byHarm(units: Units, losses: readonly number[], values: ArrayLike<number>): number[] {
  const least = Math.min(...losses);
  const harm = units.map((places, unit) => {
    const value = places.reduce((sum, place) => sum + values[place], 0);
    return (losses[unit] - least) / value;
  });
  return Array.from(units.keys()).sort((a, b) => harm[a] - harm[b]);
}

/** The last units that `dropTo` drops are chosen by measuring each, while so many take seconds. */
const EXACT_UNITS = 4;
const MOST_MEASURED = 250;

/**
 * The same down to a number of nodes, whatever the loss: half of those too many a round, the least
 * harmful together.
 */
export async function dropTo(
  count: number,
  start: NodeSet,
  options: Pick<SelectOptions, 'open' | 'tied' | 'goal' | 'onNodes'>,
): Promise<NodeSet> {
  let nodes = start;
  while (nodes.count > count) {
    options.onNodes(nodes.count);
    const model = options.open(nodes);
    try {
      const units = pairUnits(nodes, options.tied);
      const many = Math.ceil((nodes.count - count) / 2);
      const measured = many <= EXACT_UNITS && units.length <= MOST_MEASURED;
      const way = measured || units.length < SLOPE_UNITS ? 'exact' : 'slope';
      const losses = await lossesWithout(model, units, options.goal, way);
      const order = Array.from(units.keys()).sort((x, y) => losses[x] - losses[y]);
      nodes = nodesLess(nodes, units, order.slice(0, many));
    } finally {
      await model.release();
    }
  }
  return nodes;
}

/** The nodes of the best-ranked units. */
export function bestOf({ nodes, units, scores }: RankedUnits, count: number): NodeSet {
  const order = Array.from(units.keys()).sort((a, b) => scores[b] - scores[a]);
  return nodesOf(nodes, units, order.slice(0, count));
}

function without(nodes: NodeSet, units: Units, dropped: readonly number[]): Float32Array {
  const gates = new Float32Array(nodes.count).fill(1);
  for (const unit of dropped) for (const place of units[unit]) gates[place] = 0;
  return gates;
}

/** count, 7/10 of it, and so on down to 1. */
function shares(count: number): number[] {
  const found = new Set<number>();
  for (let share = count; share >= 1; share *= 0.7) found.add(Math.floor(share));
  return [...found.add(1)];
}
