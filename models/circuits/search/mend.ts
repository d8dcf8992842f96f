/** Repairs cores that fail beside some part of the rest, by adding the nodes that help most there. */
import { fewestEnough } from './fewest';
import type { NodeGates } from './gates';
import type { PutBack } from './putBack';

export interface MendOptions {
  /** Every gate of the model. */
  readonly all: NodeGates;
  readonly putBack: Pick<PutBack, 'attack' | 'drawHardest' | 'helps' | 'keeps'>;
  /** Whether gates keep the goal alone. */
  readonly keeps: (gates: NodeGates) => Promise<boolean>;
  /** True when no time is left. */
  readonly expired: () => boolean;
}

/** Most rounds of new random parts and attacks, and the fewest gates added in one. */
const ROUNDS = 8;
const LEAST_MORE = 4;
/** Largest share of the rest that may be added: with all of it nothing would be left to attack with. */
const MOST_SHARE = 0.5;

/** The gates with the fewest added that keep the goal beside all random parts drawn and all attacks. */
export async function mended(
  gates: NodeGates,
  { all, putBack, keeps, expired }: MendOptions,
): Promise<NodeGates> {
  let whole = gates;
  for (let round = 0; round < ROUNDS && !expired(); round++) {
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
