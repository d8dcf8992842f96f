/** Task loss against edges: what is left of a circuit at its own loss and at larger ones. */
import type { PairSource } from '../tasks/source';
import { calibrate, lossOf } from './calibration';
import type { Circuit } from './circuitFile';
import { ModelEdges } from './edges';
import { answersOf, type CircuitModel } from './model';
import { NodeSet } from './nodeSet';
import { Goal } from './prune/goal';
import { cleanUp } from './prune/select';
import { weighNodes } from './prune/weigh';

export interface ShrinkOptions {
  /** Task losses (nats), ascending. */
  readonly targets: readonly number[];
  /** Of the pairs pruned on, those that nodes are dropped by; as many others judge what is left. */
  readonly pairs: number;
  /** Seed of the pairs that judge. */
  readonly seed: number;
  /** Time allowed for all losses together. */
  readonly seconds: number;
}

/** What is left at one loss. */
export interface Shrunk {
  /** Loss (nats) that dropping nodes had to keep, what chance spared it included. */
  readonly target: number;
  readonly nodes: number;
  readonly edges: number;
  /** On pairs that nodes were not dropped by, calibrated on the others, nats. */
  readonly loss: number;
}

/**
 * Drops nodes of a circuit as pruning does, for one loss after the other, each time from what the one
 * before has left. Nodes that only make the circuit necessary go first, for they change no loss.
 * @returns what is left at every loss that the circuit keeps, as far as the time allowed
 */
export async function shrink(
  model: CircuitModel,
  circuit: Circuit,
  source: PairSource,
  { targets, pairs, seed, seconds }: ShrinkOptions,
): Promise<Shrunk[]> {
  const { bundle, control } = model;
  const train = model.prompts(source, circuit.options.seed, pairs, 'train');
  const test = model.prompts(source, seed, pairs, 'test');
  const frozen = { means: model.frozen(circuit.ablation) };
  const edges = new ModelEdges(bundle);
  const signs = train.map(({ sign }) => sign);
  const began = performance.now();
  const expired = () => performance.now() - began > 1000 * seconds;
  const found: Shrunk[] = [];
  let nodes = NodeSet.named(bundle.config, circuit.nodes);
  for (const [i, target] of targets.entries()) {
    const goal = new Goal(train, target);
    const open = (some: NodeSet) => model.masked(some, answersOf(train), frozen);
    const whole = open(nodes);
    const kept = await goal.keepsAll(whole).finally(() => whole.release());
    if (!kept) continue;
    const { nodes: left, complete } = await cleanUp(nodes, {
      ...{ open, goal, expired, tied: circuit.options.tied },
      weigh: (some) => weighNodes(some, edges),
      onNodes: (count) => {
        control.progress(`loss ${target}: ${count} nodes`, i / targets.length);
      },
    });
    // What time alone stopped says nothing about how few would do.
    if (!complete) break;
    nodes = left;
    const calibration = calibrate(await model.differences(train, nodes, frozen), signs);
    const loss = lossOf(
      await model.differences(test, nodes, frozen),
      test.map(({ sign }) => sign),
      calibration,
    );
    const { edges: count } = edges.countEdges(nodes.names());
    found.push({ target, nodes: nodes.count, edges: count, loss });
  }
  return found;
}
