/** Cores that random parts of the outside break with which they were not chosen get the nodes that help there. */
import type { NodeGates } from './gates';
import type { PutBack } from './putBack';

export interface MendOptions {
  /** Every gate of the model. */
  readonly all: NodeGates;
  readonly putBack: Pick<PutBack, 'drawHardest' | 'helps' | 'keeps'>;
  /** Whether gates alone keep the goal. */
  readonly keeps: (gates: NodeGates) => Promise<boolean>;
  /** True when no time is left. */
  readonly expired: () => boolean;
}

/** So often new random parts are drawn, and gates that are added at least; then twice as many, and so on. */
const TIMES = 3;
const LEAST_MORE = 4;
/** The number that is enough is looked for to this share of it. */
const NEAR = 1 / 16;

/** The gates, and as few more of those that help as keep the goal beside all that was drawn. */
export async function mended(
  gates: NodeGates,
  { all, putBack, keeps, expired }: MendOptions,
): Promise<NodeGates> {
  let whole = gates;
  for (let times = 0; times < TIMES && !expired(); times++) {
    if (await putBack.drawHardest(whole.nodes)) break;
    const helps = await putBack.helps(whole.nodes);
    const worth = all.places.map((own) => own.reduce((sum, place) => sum + helps[place], 0));
    const kept = new Set(whole.names);
    const order = [...worth.keys()].filter((gate) => !kept.has(all.names[gate]));
    order.sort((a, b) => worth[b] - worth[a]);
    const larger = (more: number) => {
      const added = new Set(order.slice(0, more));
      return all.filter((gate) => kept.has(all.names[gate]) || added.has(gate));
    };
    const isEnough = async (more: number) => {
      const tried = larger(more);
      return (await keeps(tried)) && (await putBack.keeps(tried.nodes));
    };
    const more = await fewestEnough(order.length, isEnough, expired);
    if (more !== null) whole = larger(more);
  }
  return whole;
}

/** About the fewest of so many gates that are enough; null where none of the numbers tried is. */
async function fewestEnough(
  most: number,
  isEnough: (count: number) => Promise<boolean>,
  expired: () => boolean,
): Promise<number | null> {
  let low = 0;
  let high = LEAST_MORE;
  while (high <= most) {
    if (expired()) return null;
    if (await isEnough(high)) break;
    [low, high] = [high, 2 * high];
  }
  if (high > most) return null;
  while (high - low > Math.max(1, NEAR * high) && !expired()) {
    const middle = (low + high) >> 1;
    if (await isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
