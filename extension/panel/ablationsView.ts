/** The set of ablations as the panel lists it. */
import type { Intervention } from '../../models/runtime/interventions';
import type { TransformerConfig } from '../../models/transformer/config';
import type { Ablations, Place } from '../../webview/protocol';
import { kindText, nodesText, positionsText } from '../interventions/describe';
import type { InterventionStore } from '../interventions/store';

/** What the list is seen from. */
export interface Viewpoint {
  readonly config: TransformerConfig | null;
  /** Document and token of the subject; null without one. */
  readonly uri: string | null;
  readonly token: number | null;
}

/** Every entry of the set, with what its switch says. */
export function ablationsView(
  store: InterventionStore,
  { config, uri, token }: Viewpoint,
): Ablations {
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
      place: placeOf(intervention.positions, token),
    };
  });
  const { canUndo, canRedo } = store;
  return { name: store.state.name.slice(0, 200), entries, canUndo, canRedo };
}

/** Positions as a place seen from a token; null for another token. */
function placeOf(positions: Intervention['positions'], token: number | null): Place | null {
  if (positions === 'all') return 'all';
  const [place, own] =
    'at' in positions ? (['at', positions.at] as const) : (['from', positions.from] as const);
  return own === token ? place : null;
}
