/** The set of ablations as the panel lists it. */
import type { Intervention } from '../../models/runtime/interventions';
import type { TransformerConfig } from '../../models/transformer/config';
import type { Ablations, Entry } from '../../webview/protocol';
import { kindText, nodesText, positionsText } from '../interventions/describe';
import type { InterventionStore } from '../interventions/store';

/** What the list is seen from. */
export interface Viewpoint {
  readonly config: TransformerConfig | null;
  /** Document of the subject; null without one. */
  readonly uri: string | null;
}

/** Every entry of the set, with what its switch says. */
export function ablationsView(store: InterventionStore, { config, uri }: Viewpoint): Ablations {
  const entries = store.state.entries.map((entry) => {
    const { intervention, on } = entry;
    return {
      nodes: intervention.nodes,
      label: nodesText(intervention, config),
      change: kindText(intervention),
      where: positionsText(intervention),
      on,
      acts: entry.uri === null || entry.uri === uri,
      kind: intervention.kind.kind === 'patch' ? null : intervention.kind,
      ...placeOf(intervention.positions),
    };
  });
  const { canUndo, canRedo } = store;
  return { name: store.state.name.slice(0, 200), entries, canUndo, canRedo };
}

function placeOf(positions: Intervention['positions']): Pick<Entry, 'place' | 'token'> {
  if (positions === 'all') return { place: 'all', token: null };
  return 'at' in positions
    ? { place: 'at', token: positions.at }
    : { place: 'from', token: positions.from };
}
