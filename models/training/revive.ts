/**
 * Neurons that no token activates any more get another chance: they read what a busy neuron of their
 * layer reads, each weight a little changed, write nothing at first, and start without moments. What
 * they write then has a gradient, and the projection keeps its largest entries (after ReDo, Sokar et
 * al. 2023, arXiv 2302.12902, which draws the reading anew).
 */
import { Rng } from '../random';
import { view, type Slot } from './layout';

/** Weights and moments, flat, in the places of the slots. */
export interface TrainedState {
  readonly weights: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** The arrays of one layer's neurons. */
interface NeuronSlots {
  readonly layer: number;
  readonly neurons: number;
  /** Columns read, rows write. */
  readonly reads: Slot;
  readonly writes: Slot;
  readonly bias: Slot | null;
}

/** Watches which neurons are active between two looks, and revives the others. */
export class Revival {
  private readonly layers: readonly NeuronSlots[];
  /** 1 for every neuron that was active since the last look, layer after layer. */
  readonly active: Uint8Array;

  constructor(
    slots: readonly Slot[],
    private readonly seed: number,
  ) {
    const byName = new Map(slots.map((slot) => [slot.spec.name, slot]));
    this.layers = slots.flatMap((writes) => {
      const found = /^layers\.(\d+)\.mlp\.out\.weight$/.exec(writes.spec.name);
      if (!found) return [];
      const name = `layers.${found[1]}.mlp.in`;
      return [
        {
          ...{ layer: Number(found[1]), neurons: writes.spec.shape[0], writes },
          reads: byName.get(`${name}.weight`)!,
          bias: byName.get(`${name}.bias`) ?? null,
        },
      ];
    });
    this.active = new Uint8Array(this.layers.reduce((sum, { neurons }) => sum + neurons, 0));
  }

  /** Notes who was active in a step: what a neuron writes has a gradient just where it is not zero. */
  watch(gradient: Float32Array): void {
    let at = 0;
    for (const { writes, neurons } of this.layers) {
      const rows = view(gradient, writes);
      const width = rows.length / neurons;
      for (let neuron = 0; neuron < neurons; neuron++, at++) {
        for (let i = neuron * width; this.active[at] === 0 && i < (neuron + 1) * width; i++) {
          if (rows[i] !== 0) this.active[at] = 1;
        }
      }
    }
  }

  /** Revives all that were not active since the last look; how many there were. */
  revive(state: TrainedState, step: number): number {
    let at = 0;
    let revived = 0;
    for (const layer of this.layers) {
      const active = this.active.subarray(at, at + layer.neurons);
      at += layer.neurons;
      const dead = [...active.keys()].filter((neuron) => active[neuron] === 0);
      const busy = busiest(view(state.weights, layer.writes), active);
      if (busy.length === 0) continue;
      for (const [i, neuron] of dead.entries()) {
        this.reviveOne(state, layer, neuron, busy[i % busy.length], step);
      }
      revived += dead.length;
    }
    this.active.fill(0);
    return revived;
  }

  private reviveOne(
    { weights, first, second }: TrainedState,
    { layer, neurons, reads, writes, bias }: NeuronSlots,
    dead: number,
    busy: number,
    step: number,
  ): void {
    const rng = new Rng(this.seed, 'revive', step, layer * neurons + dead);
    const columns = view(weights, reads);
    for (let i = 0; i < columns.length; i += neurons) {
      columns[i + dead] = columns[i + busy] * (0.5 + rng.next());
    }
    if (bias) view(weights, bias)[dead] = view(weights, bias)[busy];
    const width = writes.size / neurons;
    view(weights, writes).fill(0, dead * width, (dead + 1) * width);
    for (const moments of [first, second]) {
      const read = view(moments, reads);
      for (let i = dead; i < read.length; i += neurons) read[i] = 0;
      if (bias) view(moments, bias)[dead] = 0;
      view(moments, writes).fill(0, dead * width, (dead + 1) * width);
    }
  }
}

/** Active neurons, those that write most first. */
function busiest(writes: Float32Array, active: Uint8Array): number[] {
  const width = writes.length / active.length;
  const sizes = Float64Array.from(active, (_, neuron) =>
    writes.subarray(neuron * width, (neuron + 1) * width).reduce((sum, x) => sum + x * x, 0),
  );
  const found = [...active.keys()].filter((neuron) => active[neuron] === 1);
  return found.sort((a, b) => sizes[b] - sizes[a] || a - b);
}
