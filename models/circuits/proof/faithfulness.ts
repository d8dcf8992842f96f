/**
 * Faithfulness against size: the gap carried by parts of the core, then by the core with further nodes, those
 * with the largest first-order effect first, up to the whole model. Gives the sizes that carry half and four
 * fifths of the model's gap, and the area under the curve.
 */
import { meanGap, pairOrder } from '../search/calibration';
import { spreadPairs } from '../search/goal';
import type { Measurer } from './measurer';
import type { Count, Proof } from '../file/schema';

/** Shares of the core that the curve begins with. */
const PARTS = [0.25, 0.5, 0.75] as const;
/** Factor from the size of one set to the next. */
const GROWTH = 1.7;
/** Pairs that slopes are taken on, and those that sets are measured on. */
const PAIRS = { slopes: 4, measured: 16 };
/** Shares of the gap for which the size is reported. */
const SHARES = [0.5, 0.8] as const;

export interface Faithfulness {
  readonly curve: Proof['curves'][0];
  readonly counts: Count[];
}

export async function faithfulness(measurer: Measurer): Promise<Faithfulness> {
  const { all, core, model, prompts } = measurer;
  const few = spreadPairs(prompts, PAIRS.slopes);
  const judged = spreadPairs(prompts, PAIRS.measured);
  const own = all.gatesOf(core);
  /** Slope of the mean gap by every gate: of the logit difference, each prompt by its sign. */
  const slopes = async (gates: Float32Array) => {
    // A scale so small that the loss is linear in the differences.
    const flat = { scale: 1e-3, shift: 'centred' } as const;
    const { gradient } = await model.gradient(few, gates, flat);
    return gradient.map((slope) => -slope);
  };
  const best = (from: readonly number[], by: Float32Array, count: number) =>
    [...from].sort((a, b) => by[b] - by[a]).slice(0, count);
  const opened = (places: readonly number[]) => {
    const gates = new Float32Array(all.count);
    for (const place of places) gates[place] = 1;
    return gates;
  };
  const places = [...own.keys()].filter((place) => own[place] === 1);
  const atCore = await slopes(own);
  const sets: Float32Array[] = PARTS.map((part) =>
    opened(best(places, atCore, Math.ceil(part * core.count))),
  );
  sets.push(own);
  let gates: Float32Array = own;
  for (let size = core.count * GROWTH; size < all.count; size *= GROWTH) {
    const closed = [...gates.keys()].filter((place) => gates[place] === 0);
    const open = gates.length - closed.length;
    const more = best(closed, await slopes(gates), Math.round(size) - open);
    gates = gates.slice();
    for (const place of more) gates[place] = 1;
    sets.push(gates);
  }
  sets.push(own.map(() => 1));
  const found = await model.differences(judged, sets);
  const gap = meanGap(found.at(-1)!);
  const points = found.map((differences, i) => ({
    nodes: sets[i].reduce((sum, gate) => sum + gate, 0),
    share: meanGap(differences) / gap,
    order: pairOrder(differences),
  }));
  const counts = SHARES.map((share): Count => {
    const enough = points.find((point) => point.share >= share)!;
    const what = `nodes that carry ${100 * share} % of the model's gap, of all`;
    return { id: `size.${100 * share}`, what, count: enough.nodes, of: all.count };
  });
  const what = 'the best of the core, the core, and nodes of the steepest slope';
  const area: Count = {
    ...{ id: 'faithfulness', what: 'area under the curve of faithfulness over the log of size' },
    ...{ count: areaOf(points), of: 1 },
  };
  return { curve: { id: 'faithfulness', what, points }, counts: [...counts, area] };
}

/** Mean share, each held within 0 and 1, over the logarithm of the number of nodes from 1 to all. */
export function areaOf(points: readonly { readonly nodes: number; readonly share: number }[]) {
  const all = Math.log(points.at(-1)!.nodes);
  const within = (share: number) => Math.max(0, Math.min(1, share));
  let [area, before] = [0, { nodes: 1, share: 0 }];
  for (const point of points) {
    const width = Math.log(point.nodes) - Math.log(before.nodes);
    area += (width * (within(point.share) + within(before.share))) / 2;
    before = point;
  }
  return all > 0 ? area / all : 0;
}
