/** Changes of the set that the panel makes: what becomes of some nodes, in one step. */
import type { Ablation, Intervention } from '../../models/runtime/interventions';
import type { Entry, SetState } from './store';

/** What is to become of some nodes. */
export interface NodeChange {
  readonly nodes: readonly string[];
  /** Null keeps them as the model has them. */
  readonly kind: Ablation | null;
  readonly positions: Intervention['positions'];
  /** Document that the positions are about, or that the nodes are to be kept in. */
  readonly uri: string;
}

/**
 * The set in which nothing else is done to the nodes in the document: they leave the interventions that
 * act there, and one of their own comes last.
 */
export function withChange(state: SetState, { nodes, kind, positions, uri }: NodeChange): SetState {
  const gone = new Set(nodes);
  const entries = state.entries.flatMap((entry) =>
    entry.uri === null || entry.uri === uri ? without(entry, gone) : [entry],
  );
  if (!kind || nodes.length === 0) return { ...state, entries };
  const own: Entry = {
    intervention: { nodes: [...nodes], positions, kind },
    on: true,
    uri: positions === 'all' ? null : uri,
  };
  return { ...state, entries: [...entries, own] };
}

/** The entry without some nodes; nothing when none is left. */
function without(entry: Entry, gone: ReadonlySet<string>): Entry[] {
  const { intervention } = entry;
  const { nodes, kind } = intervention;
  const kept = nodes.flatMap((node, i) => (gone.has(node) ? [] : [i]));
  if (kept.length === nodes.length) return [entry];
  if (kept.length === 0) return [];
  const values = kind.kind === 'patch' ? { values: kept.map((i) => kind.values[i]) } : {};
  return [
    {
      ...entry,
      intervention: {
        ...intervention,
        nodes: kept.map((i) => nodes[i]),
        kind: { ...kind, ...values },
      },
    },
  ];
}
