/**
 * Interchange of the nodes that carry the answer, of the rest and of random sets, and a curve over the
 * number of nodes. Carriers are the nodes that a core's edges join, and the backups: a node of the core
 * without inputs is constant in the circuit, the same in both prompts of a pair. In the whole model such
 * a node does have inputs; so random sets are drawn twice, from outside the circuit, and from all nodes
 * but the carriers.
 */
import { Rng } from '../../random';
import type { NodeSet } from '../../transformer/nodeSet';
import { spreadPairs } from '../search/goal';
import { randomNodes } from './controls';
import { growingSets, interchange, type SwappedSet } from './interchange';
import type { Measurer } from './measurer';
import type { Measurement, Proof } from '../file/schema';

/** Pairs of the interchange. */
const PAIRS = 12;
/** Random sets of a kind, of which the median counts. */
const RANDOM_SETS = 9;
/** Shares of the carriers on the curve. */
const CURVE = [0.25, 0.5, 0.75] as const;

export async function causal(
  measurer: Measurer,
  report: (done: number) => void,
): Promise<{ readonly measurements: Measurement[]; readonly curve: Proof['curves'][0] }> {
  const { all, bundle, circuit, joined, carriers, degrees, prompts, seed } = measurer;
  const set = (id: string, what: string, nodes: NodeSet): SwappedSet => ({
    of: { id, what },
    nodes,
  });
  const random = (id: string, what: string, barred: NodeSet) =>
    Array.from({ length: RANDOM_SETS }, (_, i) =>
      set(id, what, randomNodes(carriers, new Rng('swap', seed, i), degrees, barred)),
    );
  const grown = growingSets(carriers, CURVE, new Rng('swap', seed));
  const sets = [
    set('swap.core', 'joined nodes of the core', joined),
    set('swap.circuit', 'joined nodes and backups', carriers),
    set('swap.rest', 'all nodes but core and backups', all.without(circuit)),
    ...random('swap.random', 'as many random nodes', circuit),
    ...random('swap.anywhere', 'as many random nodes, the core’s constants among them', carriers),
    ...grown.map((nodes) => set('', '', nodes)),
    set('', '', all),
  ];
  const few = spreadPairs(prompts, PAIRS);
  const found = await interchange(bundle, sets, few, seed, report);
  const [own, both, rest, ...more] = found;
  const [outside, anywhere] = [0, RANDOM_SETS].map((start) => {
    const drawn = more.slice(start, start + RANDOM_SETS).sort((a, b) => a.share - b.share);
    return { ...drawn[RANDOM_SETS >> 1], sets: RANDOM_SETS };
  });
  const curve = more.slice(2 * RANDOM_SETS);
  const points = [...curve.slice(0, -1), both, ...curve.slice(-1)];
  return {
    measurements: [own, both, rest, outside, anywhere],
    curve: {
      ...{
        id: 'interchange',
        what: 'random parts of joined nodes and backups swapped, then every node',
      },
      points: points.map(({ nodes, share, order }) => ({ nodes, share, order })),
    },
  };
}
