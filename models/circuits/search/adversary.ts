/**
 * Somebody who wants a core to fail, and for a whole batch chooses nodes outside it that act as they do
 * while all others are at their mean. He climbs the slope of the loss by their gates, as in adversarial
 * parameter decomposition (Goodfire, 2026).
 */

/** Share of what was learned before that is kept when a new slope is learned. */
const MEMORY = 0.8;

/**
 * Nodes that he may choose, in searches and where a verdict rests on it. Random parts of the rest are
 * thousands of nodes, but none is aimed; this few, aimed, ask whether a core hangs by another's silence.
 * With no bound he can build an answer of his own, and breaks every core that was found.
 */
export const CHOICE = 16;

export class Adversary {
  /** How much opening each gate has promised to harm, [gate]. */
  private readonly pull: Float64Array;

  /** @param gates of the model, those of the core among them */
  constructor(gates: number) {
    this.pull = new Float64Array(gates);
  }

  /** Learns from slopes [gate] of the loss. */
  learn(slopes: ArrayLike<number>): void {
    const { pull } = this;
    for (let gate = 0; gate < pull.length; gate++) {
      pull[gate] = MEMORY * pull[gate] + slopes[gate];
    }
  }

  /** The gates that he opens beside a core [gate], at most so many: a setting in which core and choice are open. */
  open(core: ArrayLike<number>, most: number): Float32Array {
    const { pull } = this;
    const setting = Float32Array.from(core);
    const wanted = [...pull.keys()].filter((gate) => core[gate] === 0 && pull[gate] > 0);
    wanted.sort((a, b) => pull[b] - pull[a]);
    for (const gate of wanted.slice(0, most)) setting[gate] = 1;
    return setting;
  }
}
