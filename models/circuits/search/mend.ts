/** Cores that parts of the outside break with which they were not chosen get the nodes that help there. */
import { fewestEnough } from './fewest';
import type { NodeGates } from './gates';
import type { PutBack } from './putBack';

export interface MendOptions {
  /** Every gate of the model. */
  readonly all: NodeGates;
  readonly putBack: Pick<PutBack, 'attack' | 'drawHardest' | 'helps' | 'keeps'>;
  /** Whether gates alone keep the goal. */
  readonly keeps: (gates: NodeGates) => Promise<boolean>;
  /** True when no time is left. */
  readonly expired: () => boolean;
}

/** So often new random parts are drawn and an adversary attacks, and gates that are added at least. */
const TIMES = 8;
const LEAST_MORE = 4;
/** Share of the rest that is added at most: with all of it nothing is left to hold against. */
const MOST_SHARE = 0.5;

/** The gates, and as few more of those that help as keep the goal beside all that was drawn or chosen. */
export async function mended(
  gates: NodeGates,
  { all, putBack, keeps, expired }: MendOptions,
): Promise<NodeGates> {
  let whole = gates;
  for (let times = 0; times < TIMES && !expired(); times++) {
    const holdsBesideRandom = await putBack.drawHardest(whole.nodes);
    const holdsAttacked = await putBack.attack(whole.nodes, expired);
    if ((holdsBesideRandom && holdsAttacked) || expired()) break;
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
    const most = Math.floor(MOST_SHARE * order.length);
    const more = await fewestEnough({ first: LEAST_MORE, most, isEnough, expired });
    if (more !== null) whole = larger(more);
  }
  return whole;
}
