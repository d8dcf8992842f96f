/** Gates in the order of their scores, and the losses of the best of them. */
import type { GateSet, OpenGates } from './gates';
import type { Goal } from './goal';
import type { Ranked } from './maskTraining';

export interface RankingOptions<G> {
  readonly open: OpenGates<G>;
  readonly goal: Goal;
}

/** A model of the best-ranked gates. */
export interface RankedModel {
  /** Cautious losses (nats) with these numbers of the best open, [count]. */
  losses(counts: readonly number[]): Promise<number[]>;
  release(): Promise<void>;
}

export class Ranking<G extends GateSet<G>> {
  private readonly gates: G;
  /** Gates, the best first. */
  private readonly order: readonly number[];
  /** Place in that order, [gate]. */
  private readonly ranks: Int32Array;

  constructor({ gates, scores }: Ranked<G>) {
    this.gates = gates;
    this.order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]);
    this.ranks = new Int32Array(this.order.length);
    this.order.forEach((gate, rank) => (this.ranks[gate] = rank));
  }

  /** The best `count` gates. */
  first(count: number): G {
    return this.gates.filter((gate) => this.ranks[gate] < count);
  }

  /** How many of the best gates open at most `size` nodes or weights. */
  holding(size: number): number {
    let left = size;
    const count = this.order.findIndex((gate) => (left -= this.gates.sizes[gate]) < 0);
    return count < 0 ? this.order.length : count;
  }

  /** The model of the best `most` gates, for measuring that number and fewer. */
  open(most: number, { open, goal }: RankingOptions<G>): RankedModel {
    const own = this.ranks.filter((rank) => rank < most);
    const model = open(this.first(most));
    const setting = (count: number) => Float32Array.from(own, (rank) => (rank < count ? 1 : 0));
    return {
      losses: (counts) => goal.losses(model, counts.length, (i) => setting(counts[i])),
      release: () => model.release(),
    };
  }
}

/** Numbers from a fifth of `most` up to `most`, each about an eighth larger than the one before. */
export function around(most: number): number[] {
  const counts = new Set<number>();
  for (let count = most; count > most / 5; count *= 0.88) counts.add(Math.ceil(count));
  return [...counts].sort((a, b) => a - b);
}

/** Of the best-ranked gates that open at most `size` nodes or weights, the number with the least loss. */
export async function bestWithin<G extends GateSet<G>>(
  ranked: Ranked<G>,
  size: number,
  options: RankingOptions<G>,
): Promise<{ readonly gates: G; readonly loss: number }> {
  const ranking = new Ranking(ranked);
  const counts = around(Math.max(1, ranking.holding(size)));
  const model = ranking.open(counts.at(-1)!, options);
  try {
    const losses = await model.losses(counts);
    const loss = Math.min(...losses);
    return { gates: ranking.first(counts[losses.indexOf(loss)]), loss };
  } finally {
    await model.release();
  }
}
