/** A task's circuit told layer by layer, from what is measured on pairs that did not choose it. */
import { checkEdges, type Circuit } from '../circuits/file/circuitFile';
import { isProvable } from '../circuits/file/oldCircuit';
import { tellCircuit, type CircuitStory } from '../labels/explain/circuit';
import { readPairs } from '../labels/explain/readings';
import { promptsOf } from '../tasks/prompts';
import { sourceOf, type PairsRequest } from '../tasks/source';
import type { Control, Engine } from '../inference/engine';

export interface ExplainCircuitRequest {
  /** Of this model. */
  readonly circuit: Circuit;
  /** The pairs that it was found for. */
  readonly pairs: PairsRequest;
}

/** Pairs that are read, and the seed that they are of. */
const PAIRS = 32;
const SEED = 1;

/** Tells a circuit. */
export async function explainCircuit(
  engine: Engine,
  { circuit, pairs }: ExplainCircuitRequest,
  control: Control,
): Promise<CircuitStory> {
  const { config, edges, info, labels, model, tokenizer } = engine;
  if (isProvable(circuit)) checkEdges(circuit, edges, 'the circuit');
  const source = sourceOf(pairs);
  const found = source.pairs(SEED, PAIRS, 'all');
  const where = (i: number) => found[i].where;
  const prompts = promptsOf(
    found.map(({ pair }) => pair),
    { tokenizer, context: config.context, where },
  );
  const readings = await readPairs(model, config, prompts, async (done) => {
    control.progress(done, prompts.length);
    await control.pause();
  });
  return tellCircuit({
    ...{ name: source.name, description: source.description, circuit, model: edges, labels },
    textOf: (id) => info.tokenTexts[id],
    pairs: readings,
  });
}
