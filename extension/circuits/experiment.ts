/** Ablations that put a circuit to the test: without it, and with nothing else. */
import { t } from '../../shared/l10n';
import type { BundleInfo } from '../../models/inference/engine';
import { modelId, type Entry, type SetState } from '../interventions/entry';
import { everyNode } from '../panel/isolation';
import { circuitNodes } from '../../models/circuits/file/circuitFile';
import type { KnownCircuit } from './known';

/** Is the circuit needed, or is it enough? */
export type Question = 'necessary' | 'sufficient';

/**
 * A set of interventions that closes core and backups, or all but the core, at every token, as they
 * were closed in pruning.
 */
export function experiment(
  { name, circuit }: KnownCircuit,
  question: Question,
  info: BundleInfo,
): SetState {
  // The core is enough; what the model needs are core and backups.
  const core = new Set(circuit.core);
  const nodes =
    question === 'necessary'
      ? circuitNodes(circuit)
      : everyNode(info.config).filter((node) => !core.has(node));
  const kind = { kind: circuit.ablation } as const;
  const entry: Entry = { nodes: [...nodes], kind, where: 'all', model: modelId(info), on: true };
  const entries = nodes.length === 0 ? [] : [entry];
  const title =
    question === 'necessary' ? t('Without the circuit {0}', name) : t('Only the circuit {0}', name);
  return { name: title, entries };
}
