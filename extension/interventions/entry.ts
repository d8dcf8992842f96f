/** What is done to some nodes: of which model, at which tokens of which document, and whether it is on. */
import * as v from 'valibot';
import type { Intervention } from '../../models/inference/interventions';
import type { BundleInfo } from '../../models/inference/engine';
import { AnchorSchema, anchorAt, tokenOf, type Anchor } from '../trace/anchor';
import type { Snapshot } from '../trace/documents';

/** Everywhere, at a token, or from a token on. */
export const WhereSchema = v.union([
  v.literal('all'),
  v.object({ at: AnchorSchema }),
  v.object({ from: AnchorSchema }),
]);
export type Where = v.InferOutput<typeof WhereSchema>;

/** The model whose nodes are named: to another they mean nothing. */
export const ModelSchema = v.object({ name: v.string(), hash: v.string() });
export type ModelId = v.InferOutput<typeof ModelSchema>;

/** One intervention of a set. */
export interface Entry extends Pick<Intervention, 'nodes' | 'into' | 'kind'> {
  readonly where: Where;
  readonly model: ModelId;
  readonly on: boolean;
}

/** The set as it is at one time. */
export interface SetState {
  readonly name: string;
  readonly entries: readonly Entry[];
}

/** The model of some tokens, as entries name it. */
export function modelId({ name, hash }: Pick<BundleInfo, 'name' | 'hash'>): ModelId {
  return { name, hash };
}

/** An intervention at tokens of a document as an entry that survives edits, switched on. */
export function entryOf({ positions, ...what }: Intervention, snapshot: Snapshot): Entry {
  const where = anchored(positions, snapshot);
  return { ...what, where, model: modelId(snapshot.info), on: true };
}

/** The token that an entry is bound to; null for one that acts everywhere. */
export function anchorOf({ where }: Pick<Entry, 'where'>): Anchor | null {
  if (where === 'all') return null;
  return 'at' in where ? where.at : where.from;
}

/**
 * The positions at which an entry acts in a document, whether or not it is on.
 * @returns null where it does not: it is of another model or document, or its token is lost
 */
export function positionsIn(
  { where, model }: Pick<Entry, 'where' | 'model'>,
  snapshot: Snapshot,
): Intervention['positions'] | null {
  if (model.hash !== snapshot.info.hash) return null;
  if (where === 'all') return 'all';
  const token = tokenOf(anchorOf({ where })!, snapshot);
  if (token === undefined) return null;
  return 'at' in where ? { at: token } : { from: token };
}

/** The interventions of a set that are in force in a document, in their order. */
export function activeIn({ entries }: SetState, snapshot: Snapshot): Intervention[] {
  return entries.flatMap((entry) => {
    const positions = entry.on ? positionsIn(entry, snapshot) : null;
    return positions === null ? [] : [{ ...whatIn(entry), positions }];
  });
}

/** What an entry does, without where: a weight's names the node that it leads into. */
export function whatIn({
  nodes,
  into,
  kind,
}: {
  readonly nodes: readonly string[];
  readonly into?: string | undefined;
  readonly kind: Intervention['kind'];
}): Pick<Entry, 'nodes' | 'into' | 'kind'> {
  return { nodes: [...nodes], kind, ...(into !== undefined && { into }) };
}

/** What an entry is done to, of which model: alike for two that differ only in where and how. */
export function whatKey({ nodes, into, model }: Pick<Entry, 'nodes' | 'into' | 'model'>): string {
  return JSON.stringify([model.hash, nodes, into]);
}

/** The set with each of its anchors changed; the set itself when none is. */
export function withAnchors(state: SetState, change: (anchor: Anchor) => Anchor): SetState {
  let changed = false;
  const entries = state.entries.map((entry) => {
    const anchor = anchorOf(entry);
    if (!anchor || entry.where === 'all') return entry;
    const now = change(anchor);
    if (now === anchor) return entry;
    changed = true;
    return { ...entry, where: 'at' in entry.where ? { at: now } : { from: now } };
  });
  return changed ? { ...state, entries } : state;
}

function anchored(positions: Intervention['positions'], snapshot: Snapshot): Where {
  if (positions === 'all') return 'all';
  return 'at' in positions
    ? { at: anchorAt(snapshot, positions.at) }
    : { from: anchorAt(snapshot, positions.from) };
}
