/** The set of ablations as the panel lists it. */
import { t } from '../../shared/l10n';
import type { BundleInfo } from '../../models/inference/engine';
import type { Ablations, Entry } from '../../webview/protocol';
import { kindText, nodesText, waitsText, whereText } from '../interventions/describe';
import { anchorOf, positionsIn, type Entry as SetEntry } from '../interventions/entry';
import type { InterventionStore } from '../interventions/store';
import type { Snapshot } from '../trace/documents';

/** What the list is seen from. */
export interface Viewpoint {
  /** The model in use; null while there is none. */
  readonly info: BundleInfo | null;
  /** Document of the subject; null without one. */
  readonly snapshot: Snapshot | null;
}

/** Every entry of the set, with what its switch says. */
export function ablationsView(store: InterventionStore, { info, snapshot }: Viewpoint): Ablations {
  const entries = store.state.entries.map((entry) => {
    const { nodes, into = null, kind, on, where } = entry;
    const out = store.whyOut(entry);
    const waits = out ?? waitsText(entry, info?.hash ?? null);
    return {
      nodes,
      into,
      label: nodesText(entry, waits === null ? (info?.config ?? null) : null),
      change: kindText(entry),
      where: [placeText(entry, snapshot), waits ?? ''].filter((part) => part !== '').join(t('; ')),
      on,
      acts:
        out === null &&
        (snapshot ? positionsIn(entry, snapshot) !== null : where === 'all' && waits === null),
      kind: kind.kind === 'patch' ? null : kind,
      ...placeOf(entry, snapshot),
    };
  });
  const { canUndo, canRedo } = store;
  return { name: store.state.name.slice(0, 200), entries, canUndo, canRedo };
}

/** Where an entry acts; said to be another file where its token is in one. */
function placeText(entry: SetEntry, snapshot: Snapshot | null): string {
  const where = whereText(entry);
  const anchor = anchorOf(entry);
  const isElsewhere = anchor && !anchor.lost && snapshot && anchor.uri !== snapshot.uri;
  return isElsewhere ? t('{0}, in another file', where) : where;
}

function placeOf(entry: SetEntry, snapshot: Snapshot | null): Pick<Entry, 'place' | 'token'> {
  if (entry.where === 'all') return { place: 'all', token: null };
  const positions = snapshot && positionsIn(entry, snapshot);
  const token =
    positions === null || positions === 'all'
      ? null
      : 'at' in positions
        ? positions.at
        : positions.from;
  return { place: 'at' in entry.where ? 'at' : 'from', token };
}
