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
}

/** Nodes that keep the target. */
export interface Selection {
  readonly nodes: NodeSet;
  /** No node more could be dropped; false when the time ran out before. */
  readonly complete: boolean;
}

/** Models of more units than these times those above zero are opened only when needed. */
const SPARE = 2;

/** Loss of a masked model's nodes less some units, for many choices of units at once. */
class Measure {
  private readonly signs: number[];

  constructor(private readonly options: SelectOptions) {
    this.signs = options.prompts.map(({ sign }) => sign);
  }

  /** Whether each choice keeps the target. */
  async keeps(model: MaskedModel, gates: readonly Float32Array[]): Promise<boolean[]> {
    const losses = await this.losses(model, gates);
    return losses.map((loss) => loss <= this.options.target);
  }

  async losses(model: MaskedModel, gates: readonly Float32Array[]): Promise<number[]> {
    const found = await model.differences(this.options.prompts, gates);
    return found.map((differences) => calibratedLoss(differences, this.signs));
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
  const measure = new Measure(options);
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

/**
 * Drops every unit whose removal keeps the target. Each round measures the loss without each unit and
 * drops as many of the least harmful together as keep the target; the last round finds none.
 */
export async function cleanUp(start: NodeSet, options: SelectOptions): Promise<Selection> {
  let nodes = start;
  const measure = new Measure(options);
  for (;;) {
    options.onNodes(nodes.count);
    if (options.expired()) return { nodes, complete: false };
    const model = options.open(nodes);
    try {
      const units = pairUnits(nodes, options.tied);
      const order = await harmless(model, units, measure, options);
      if (order.length === 0) return { nodes, complete: true };
      const counts = halvings(order.length);
      const kept = await measure.keeps(
        model,
        counts.map((count) => without(nodes, units, order.slice(0, count))),
      );
      const best = counts.find((_, i) => kept[i]) ?? 1;
      const dropped = new Set(order.slice(0, best).flatMap((unit) => units[unit]));
      nodes = nodes.filter((place) => !dropped.has(place));
    } finally {
      await model.release();
    }
  }
}

/** Units that can each be dropped alone, the least harmful first. */
async function harmless(
  model: MaskedModel,
  units: Units,
  measure: Measure,
  { target }: SelectOptions,
): Promise<number[]> {
  if (units.length <= 1) return [];
  const losses = await measure.losses(
    model,
    units.map((_, unit) => without(model.nodes, units, [unit])),
  );
  const order = Array.from(units.keys()).filter((unit) => losses[unit] <= target);
  return order.sort((a, b) => losses[a] - losses[b]);
}

/**
 * The same down to a number of nodes, whatever the loss: half of those too many a round, the least
 * harmful together.
 */
export async function dropTo(
  count: number,
  start: NodeSet,
  options: Omit<SelectOptions, 'target' | 'expired'>,
): Promise<NodeSet> {
  let nodes = start;
  const measure = new Measure({ ...options, target: Infinity, expired: () => false });
  while (nodes.count > count) {
    options.onNodes(nodes.count);
    const model = options.open(nodes);
    try {
      const units = pairUnits(nodes, options.tied);
      const choices = units.map((_, unit) => without(nodes, units, [unit]));
      const losses = await measure.losses(model, choices);
      const order = Array.from(units.keys()).sort((a, b) => losses[a] - losses[b]);
      const many = Math.ceil((nodes.count - count) / 2);
      const dropped = new Set(order.slice(0, many).flatMap((unit) => units[unit]));
      nodes = nodes.filter((place) => !dropped.has(place));
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

/** count, 3/4 of it, 1/2, … down to 1. */
function halvings(count: number): number[] {
  const found = new Set<number>();
  for (let share = 1; share * count >= 1; share *= 0.7) found.add(Math.floor(share * count));
  return [...found, 1].filter((value, i, all) => value >= 1 && all.indexOf(value) === i);
}
