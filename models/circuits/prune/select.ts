/** From ranked nodes to the fewest that keep the target: bisection, then dropping by measurement. */
import type { MaskedModel } from '../../runtime/maskedModel';
import type { Prompt } from '../../tasks/prompts';
import { calibratedLoss } from '../calibration';
import type { NodeSet } from '../nodeSet';
import type { RankedUnits } from './maskTraining';
import { pairUnits, type Units } from './units';

export interface SelectOptions {
  /** Makes the masked model of some nodes. */
  readonly open: (nodes: NodeSet) => MaskedModel;
  readonly tied: boolean;
  readonly prompts: readonly Prompt[];
  /** Calibrated task loss that must be kept, nats. */
  readonly target: number;
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

/** Models of more units than these times those above zero are opened only when needed. */
const SPARE = 2;

/** Pairs that the first rounds of the clean-up order units by. */
const SCREENING_PAIRS = 16;

/** Calibrated losses of a masked model under gate settings. */
class Measure {
  private readonly signs: number[];

  constructor(
    private readonly prompts: readonly Prompt[],
    private readonly target: number,
  ) {
    this.signs = prompts.map(({ sign }) => sign);
  }

  /** Whether each setting keeps the target. */
  async keeps(model: MaskedModel, gates: readonly Float32Array[]): Promise<boolean[]> {
    const losses = await this.losses(model, gates);
    return losses.map((loss) => loss <= this.target);
  }

  async losses(model: MaskedModel, gates: readonly Float32Array[]): Promise<number[]> {
    const found = await model.differences(this.prompts, gates);
    return found.map((differences) => calibratedLoss(differences, this.signs));
  }

  /** Loss without each unit alone, [unit]. */
  lossesWithout(model: MaskedModel, units: Units): Promise<number[]> {
    return this.losses(
      model,
      units.map((_, unit) => without(model.nodes, units, [unit])),
    );
  }
}

/**
 * The fewest best-ranked units that keep the target, by bisection on their number (the loss need not
 * fall with every unit, so it is a fewest, not the fewest); null when not even all of them do.
 */
export async function bisect(ranked: RankedUnits, options: SelectOptions): Promise<NodeSet | null> {
  const { units, scores } = ranked;
  const order = Array.from(units.keys()).sort((a, b) => scores[b] - scores[a]);
  const positive = scores.reduce((count, score) => count + (score > 0 ? 1 : 0), 0);
  const first = Math.min(units.length, SPARE * Math.max(positive, 8));
  for (const most of new Set([first, units.length])) {
    const nodes = nodesOf(ranked.nodes, units, order.slice(0, most));
    const found = await fewest(ranked, order, nodes, most, options);
    if (found !== null) return nodesOf(ranked.nodes, units, order.slice(0, found));
  }
  return null;
}

async function fewest(
  { units, nodes: all }: RankedUnits,
  order: readonly number[],
  nodes: NodeSet,
  most: number,
  options: SelectOptions,
): Promise<number | null> {
  const model = options.open(nodes);
  const measure = new Measure(options.prompts, options.target);
  const keeps = async (count: number) => {
    const [kept] = await measure.keeps(model, [
      nodes.gatesOf(nodesOf(all, units, order.slice(0, count))),
    ]);
    return kept;
  };
  try {
    if (!(await keeps(most))) return null;
    let [low, high] = [0, most];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (await keeps(middle)) high = middle;
      else low = middle;
      options.onNodes(high);
    }
    return high;
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
 * Drops every unit whose removal keeps the target. Each round orders units by the harm that dropping
 * each alone does, and drops as many of the first together as keep the target. The first rounds take
 * the order from a part of the prompts; the last, which find nothing more to drop, from all.
 */
export async function cleanUp(start: NodeSet, options: SelectOptions): Promise<Selection> {
  const { prompts, target, tied, open, weigh } = options;
  const measure = new Measure(prompts, target);
  const screening = new Measure(spreadPairs(prompts, SCREENING_PAIRS), target);
  let nodes = start;
  for (let exact = false; ;) {
    options.onNodes(nodes.count);
    if (options.expired()) return { nodes, complete: false };
    const model = open(nodes);
    try {
      const units = pairUnits(nodes, tied);
      if (units.length <= 1) return { nodes, complete: true };
      const losses = await (exact ? measure : screening).lossesWithout(model, units);
      const values = weigh(nodes);
      const order = byHarm(units, losses, values).filter((u) => !exact || losses[u] <= target);
      if (order.length === 0) return { nodes, complete: true };
      const counts = shares(exact ? order.length : Math.ceil(order.length / 2));
      const kept = await measure.keeps(
        model,
        counts.map((count) => without(nodes, units, order.slice(0, count))),
      );
      let best = counts.find((_, i) => kept[i]);
      // Each of an exact order can be dropped alone; the smallest loss is safest.
      if (best === undefined && exact) best = 1;
      if (best === undefined) exact = true;
      else nodes = nodesLess(nodes, units, order.slice(0, best));
    } finally {
      await model.release();
    }
  }
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

/** Some pairs from all over the list. */
export function spreadPairs(prompts: readonly Prompt[], count: number): readonly Prompt[] {
  const pairs = prompts.length / 2;
  if (pairs <= count) return prompts;
  return Array.from({ length: count }, (_, i) => {
    const pair = Math.floor((i * pairs) / count);
    return prompts.slice(2 * pair, 2 * pair + 2);
  }).flat();
}

/**
 * The same down to a number of nodes, whatever the loss: half of those too many a round, the least
 * harmful together.
 */
export async function dropTo(
  count: number,
  start: NodeSet,
  options: Pick<SelectOptions, 'open' | 'tied' | 'prompts' | 'onNodes'>,
): Promise<NodeSet> {
  let nodes = start;
  const measure = new Measure(options.prompts, Infinity);
  while (nodes.count > count) {
    options.onNodes(nodes.count);
    const model = options.open(nodes);
    try {
      const units = pairUnits(nodes, options.tied);
      const losses = await measure.lossesWithout(model, units);
      const order = Array.from(units.keys()).sort((x, y) => losses[x] - losses[y]);
      const many = Math.ceil((nodes.count - count) / 2);
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
