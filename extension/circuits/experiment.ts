/** Ablations that put a circuit to the test: without it, and with nothing else. */
import type { TransformerConfig } from '../../models/transformer/config';
import type { SetState } from '../interventions/store';
import { everyNode } from '../panel/isolation';
import type { KnownCircuit } from './known';

/** Is the circuit needed, or is it enough? */
export type Question = 'necessary' | 'sufficient';

/**
 * A set of interventions that closes the circuit's nodes, or all others, at every token, as they were
 * closed in pruning.
 */
export function experiment(
  { name, circuit }: KnownCircuit,
  question: Question,
  config: TransformerConfig,
): SetState {
  const own = new Set(circuit.nodes);
  const nodes =
    question === 'necessary' ? circuit.nodes : everyNode(config).filter((node) => !own.has(node));
  const intervention = { nodes, positions: 'all', kind: { kind: circuit.ablation } } as const;
  const entries = nodes.length === 0 ? [] : [{ intervention, on: true, uri: null }];
  const what = question === 'necessary' ? 'Without the circuit' : 'Only the circuit';
  return { name: `${what} ${name}`, entries };
}
