/** Changes of the set that the panel makes: what becomes of some nodes, in one step. */
import type { Ablation, Intervention } from '../../models/runtime/interventions';
import type { Entry, SetState } from './store';

/** What is to become of some nodes. */
export interface NodeChange {
  readonly nodes: readonly string[];
  /** Null keeps them as the model has them. */
  readonly kind: Ablation | null;
  readonly positions: Intervention['positions'];
  /** Document that the positions are about. */
  readonly uri: string;
}

/**
 * The set in which nothing else is done to the nodes at the positions: they leave the interventions of
 * the document that meet those, and one of their own comes last.
 */
export function withChange(state: SetState, { nodes, kind, positions, uri }: NodeChange): SetState {
  const gone = new Set(nodes);
  const entries = state.entries.flatMap((entry) => {
    const acts = entry.uri === null || entry.uri === uri;
    return acts && meet(entry.intervention.positions, positions) ? without(entry, gone) : [entry];
  });
  if (!kind || nodes.length === 0) return { ...state, entries };
  const own: Entry = {
    intervention: { nodes: [...nodes], positions, kind },
    on: true,
    uri: positions === 'all' ? null : uri,
  };
  return { ...state, entries: [...entries, own] };
}

type Positions = Intervention['positions'];

/** Whether there is a position of both. */
function meet(a: Positions, b: Positions): boolean {
  if (a === 'all' || b === 'all') return true;
  if ('from' in a) return 'from' in b || b.at >= a.from;
  return 'from' in b ? a.at >= b.from : a.at === b.at;
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
