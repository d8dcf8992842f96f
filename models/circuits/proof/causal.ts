/** Interchange of core, circuit, rest and random sets side by side, and its curve from few nodes to all. */
import { Rng } from '../../random';
import type { NodeSet } from '../../transformer/nodeSet';
import { spreadPairs } from '../search/goal';
import { randomNodes } from './controls';
import { growingSets, interchange, type SwappedSet } from './interchange';
import type { Measurer } from './measurer';
import type { Measurement, Proof } from '../file/schema';

/** Pairs of the interchange. */
const PAIRS = 12;
/** Random sets, of which the median counts. */
const RANDOM_SETS = 3;
/** Shares of core and backups on the curve. */
const CURVE = [0.25, 0.5, 0.75] as const;

export async function causal(
  measurer: Measurer,
  report: (done: number) => void,
): Promise<{ readonly measurements: Measurement[]; readonly curve: Proof['curves'][0] }> {
  const { all, bundle, circuit, core, degrees, prompts, seed } = measurer;
  const set = (id: string, what: string, nodes: NodeSet): SwappedSet => ({
    of: { id, what },
    nodes,
  });
  const random = Array.from({ length: RANDOM_SETS }, (_, i) => {
    const nodes = randomNodes(circuit, new Rng('swap', seed, i), degrees);
    return set('swap.random', 'as many random nodes', nodes);
  });
  const grown = growingSets(circuit, CURVE, new Rng('swap', seed));
  const sets = [
    set('swap.core', 'the core', core),
    set('swap.circuit', 'core and backups', circuit),
    set('swap.rest', 'all nodes but core and backups', all.without(circuit)),
    ...random,
    ...grown.map((nodes) => set('', '', nodes)),
    set('', '', all),
  ];
  const few = spreadPairs(prompts, PAIRS);
  const found = await interchange(bundle, sets, few, seed, report);
  const [own, both, rest, ...more] = found;
  const drawn = more.slice(0, RANDOM_SETS).sort((a, b) => a.share - b.share);
  const median = { ...drawn[RANDOM_SETS >> 1], sets: RANDOM_SETS };
  const curve = more.slice(RANDOM_SETS);
  const points = [...curve.slice(0, -1), both, ...curve.slice(-1)];
  return {
    measurements: [own, both, rest, median],
    curve: {
      ...{ id: 'interchange', what: 'random parts of core and backups swapped, then every node' },
      points: points.map(({ nodes, share, order }) => ({ nodes, share, order })),
    },
  };
}
