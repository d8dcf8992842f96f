/**
 * An adversary that tries to make a core fail: for a whole batch it restores some nodes outside the core,
 * while all others stay at their mean. It chooses them by gradient ascent on the loss, as in adversarial
 * parameter decomposition (Goodfire, 2026).
 */

/** Decay of the running sum of slopes at each new one. */
const MEMORY = 0.8;

/**
 * Number of nodes that it may choose, in searches and for the verdict. Random parts of the rest are thousands
 * of untargeted nodes; a few targeted ones test whether a core relies on some node being at its mean. Without
 * a limit the adversary can build an answer of its own, and breaks every core.
 */
export const CHOICE = 16;

export class Adversary {
  /** Running sum of the slopes of the loss by each gate: the harm expected of opening it, [gate]. */
  private readonly expectedHarm: Float64Array;

  /** @param gates number of gates of the model, those of the core included */
  constructor(gates: number) {
    this.expectedHarm = new Float64Array(gates);
  }

  /** Adds the slopes [gate] of the loss at its current choice. */
  learn(slopes: ArrayLike<number>): void {
    const { expectedHarm } = this;
    for (let gate = 0; gate < expectedHarm.length; gate++) {
      expectedHarm[gate] = MEMORY * expectedHarm[gate] + slopes[gate];
    }
  }

  /** The setting in which a core [gate] is open, and at most so many of the gates expected to harm it most. */
  open(core: ArrayLike<number>, most: number): Float32Array {
    const { expectedHarm } = this;
    const setting = Float32Array.from(core);
    const wanted = [...expectedHarm.keys()].filter(
      (gate) => core[gate] === 0 && expectedHarm[gate] > 0,
    );
    wanted.sort((a, b) => expectedHarm[b] - expectedHarm[a]);
    for (const gate of wanted.slice(0, most)) setting[gate] = 1;
    return setting;
  }
}
