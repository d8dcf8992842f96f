/** Where every trained parameter lies in one flat array shared by all replicas. */
import { sizeOf, type ParameterSpec, type Weights } from '../transformer/parameters';

/** A parameter's place: entries offset to offset + size of the flat array. */
export interface Slot {
  readonly spec: ParameterSpec;
  readonly offset: number;
  readonly size: number;
}

/** Places of the trained parameters, and the length of the flat array. */
export function trainedSlots(specs: readonly ParameterSpec[]): { slots: Slot[]; total: number } {
  let total = 0;
  const slots = specs
    .filter((spec) => spec.trained)
    .map((spec) => {
      const slot = { spec, offset: total, size: sizeOf(spec.shape) };
      total += slot.size;
      return slot;
    });
  return { slots, total };
}

/** The part of a flat array that belongs to a slot, without copying. */
export function view(flat: Float32Array, slot: Slot): Float32Array {
  return flat.subarray(slot.offset, slot.offset + slot.size);
}

/** Splits slots among replicas so that each has about as many entries; the same split every time. */
export function shards(slots: readonly Slot[], replicas: number): Slot[][] {
  const out: Slot[][] = Array.from({ length: replicas }, () => []);
  const load = Array<number>(replicas).fill(0);
  for (const slot of [...slots].sort((a, b) => b.size - a.size)) {
    const least = load.indexOf(Math.min(...load));
    out[least].push(slot);
    load[least] += slot.size;
  }
  return out;
}

/** A model's weights from the flat array and what training does not change. */
export function toWeights(slots: readonly Slot[], flat: Float32Array, fixed: Weights): Weights {
  const weights = new Map(fixed);
  for (const slot of slots) weights.set(slot.spec.name, view(flat, slot).slice());
  return weights;
}
