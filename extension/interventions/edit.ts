/** Changes of the set that the panel makes: what becomes of some nodes, in one step. */
import type { Intervention } from '../../models/inference/interventions';
import type { Snapshot } from '../trace/documents';
import { entryOf, positionsIn, whatIn, type Entry, type SetState } from './entry';

/** What is to become of some nodes, or of the weights through which one reads them. */
export interface NodeChange {
  readonly nodes: readonly string[];
  /** The node that reads them, where only what it reads is changed. */
  readonly into?: string;
  /** Null keeps them as the model has them. */
  readonly kind: Intervention['kind'] | null;
  readonly positions: Intervention['positions'];
  /** Document and model that nodes and positions are of. */
  readonly snapshot: Snapshot;
}

/**
 * The set in which nothing else is done to the nodes at the positions: they leave the interventions of
 * the document that meet those, and one of their own comes last.
 */
export function withChange(
  state: SetState,
  { nodes, into, kind, positions, snapshot }: NodeChange,
): SetState {
  const gone = new Set(nodes);
  const entries = state.entries.flatMap((entry) => {
    const own = positionsIn(entry, snapshot);
    const same = entry.into === into && own !== null && meet(own, positions);
    return same ? without(entry, gone) : [entry];
  });
  if (!kind || nodes.length === 0) return { ...state, entries };
  const own = entryOf({ ...whatIn({ nodes, into, kind }), positions }, snapshot);
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
  const { nodes, kind } = entry;
  const kept = nodes.flatMap((node, i) => (gone.has(node) ? [] : [i]));
  if (kept.length === nodes.length) return [entry];
  if (kept.length === 0) return [];
  const values = kind.kind === 'patch' ? { values: kept.map((i) => kind.values[i]) } : {};
  return [{ ...entry, nodes: kept.map((i) => nodes[i]), kind: { ...kind, ...values } }];
}
