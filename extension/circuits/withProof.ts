/** What becomes of a circuit's proofs when a new one was made. */
import { proofsOf, type Circuit } from '../../models/circuits/file/circuitFile';
import type { Proof } from '../../models/circuits/file/schema';

/**
 * The circuit with a new proof: in the place of one of the same seed, else beside those of other seeds. One
 * that its time limit stopped is left out where there is a complete one.
 */
export function withProof(circuit: Circuit, made: Proof): Circuit {
  const kept = proofsOf(circuit);
  if (isLeftOut(circuit, made)) return circuit;
  const place = kept.findIndex(({ seed }) => seed === made.seed);
  const [proof, ...repeats] = place < 0 ? [...kept, made] : kept.with(place, made);
  return { ...circuit, proof, repeats };
}

/** Whether a proof was stopped by its time limit while the circuit has a complete one. */
export function isLeftOut(circuit: Circuit, { stopped }: Proof): boolean {
  return stopped && proofsOf(circuit).some((one) => !one.stopped);
}
