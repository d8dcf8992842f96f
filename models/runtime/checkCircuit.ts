/** Whether what a circuit's file says of edges is what the model has. */
import { checkEdges, checkWeights, type Circuit } from '../circuits/file/circuitFile';
import { isProvable } from '../circuits/file/oldCircuit';
import type { Engine } from '../inference/engine';

export interface CheckCircuitRequest {
  /** Of this model. */
  readonly circuit: Circuit;
  /** What an error calls it. */
  readonly where: string;
}

/** @throws one line that names the first difference */
export function checkCircuit({ edges }: Engine, { circuit, where }: CheckCircuitRequest): null {
  if (isProvable(circuit)) checkEdges(circuit, edges, where);
  else checkWeights(circuit, edges, where);
  return null;
}
