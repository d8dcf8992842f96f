/** Task loss against edges: how much of a circuit is needed at its own loss and at larger ones. */
import type { PairSource } from '../tasks/source';
import { strictLoss } from './search/calibration';
import type { Circuit } from './file/circuitFile';
import { ModelEdges } from '../weights/edges';
import { answersOf, type CircuitModel } from './search/model';
import { NodeSet } from '../transformer/nodeSet';
import { renewal } from './file/oldCircuit';
import { NodeGates } from './search/gates';
import { cautiousLoss, Goal } from './search/goal';
import { cleanUp } from './search/select';
import { weighNodes } from './search/weigh';

export interface ShrinkOptions {
  /** Task losses (nats), ascending. */
  readonly targets: readonly number[];
  /** Number of the pairs pruned on that nodes are dropped on; as many others test the result. */
  readonly pairs: number;
  /** Seed of the pairs to test on. */
  readonly seed: number;
  /** Time allowed for all losses together. */
  readonly seconds: number;
}

/** What is left at one loss. */
export interface Shrunk {
  /** Limit on the cautious loss (nats) while nodes were dropped. */
  readonly target: number;
  readonly nodes: number;
  readonly edges: number;
  /** Strict loss (nats) on pairs that were not used for dropping. */
  readonly loss: number;
}

/**
 * Drops nodes of a core as pruning does, for one limit on the loss after the other, each time from the
 * nodes left by the one before.
 * @returns the nodes left at every limit that the core meets, as far as time allows
 */
export async function shrink(
  model: CircuitModel,
  circuit: Circuit,
  source: PairSource,
  { targets, pairs, seed, seconds }: ShrinkOptions,
): Promise<Shrunk[]> {
  if (!circuit.search) throw renewal(circuit, 'the circuit');
  const { bundle, control } = model;
  const { settings } = circuit.search;
  const train = model.prompts(source, settings.seed, pairs, 'selection');
  const isFile = 'file' in source.identity;
  const test = model.prompts(source, isFile ? settings.seed : seed, pairs, 'proof');
  const frozen = { means: model.frozen(circuit.ablation) };
  const edges = new ModelEdges(bundle);
  const signs = test.map(({ sign }) => sign);
  const began = performance.now();
  const expired = () => performance.now() - began > 1000 * seconds;
  const open = (gates: NodeGates) => gates.of(model.masked(gates.nodes, answersOf(train), frozen));
  const found: Shrunk[] = [];
  let gates = new NodeGates(NodeSet.named(bundle.config, circuit.core), settings.tied);
  for (const [i, target] of targets.entries()) {
    const goal = new Goal(train, target);
    const own = await model.differences(train, gates.nodes, frozen);
    if (
      cautiousLoss(
        own,
        train.map(({ sign }) => sign),
      ) > target
    )
      continue;
    const left = await cleanUp(gates, {
      ...{ open, goal, expired },
      weigh: weighNodes(edges),
      onCount: (count) => {
        control.progress(`loss ${target}: ${count} nodes`, i / targets.length);
      },
    });
    // Where the time ran out, fewer nodes might have been enough.
    if (!left.complete) break;
    gates = left.gates;
    const differences = await model.differences(test, gates.nodes, frozen);
    const { edges: count } = edges.countEdges(gates.nodes.names());
    const loss = strictLoss(differences, signs);
    found.push({ target, nodes: gates.nodes.count, edges: count, loss });
  }
  return found;
}
