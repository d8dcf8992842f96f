/** The selected nodes, and what is done to them at present. */
import { nodeOf, type Changes, type Model } from './model';
import { namedCircuit } from './naming';
import type { Circuit, GraphNode, Kind, Place, ViewState } from './protocol';

export interface Selection {
  readonly nodes: readonly GraphNode[];
  /** What is done to all of them: a kind, `keep` for nothing, null where they differ. */
  readonly state: Kind['kind'] | 'keep' | 'patch' | null;
  readonly place: Place;
  /** Numbers that the sliders stand at. */
  readonly value: number;
  readonly scale: number;
  /** Half the width of the slider of values. */
  readonly reach: number;
}

/** The selected channels, at their tokens. */
export function selectedNodes(circuit: Circuit | null, ids: readonly string[]): GraphNode[] {
  const nodes = ids.flatMap((id) => nodeOf(circuit, id) ?? []);
  return nodes.filter(({ role }) => role === 'channel');
}

/** What is selected, and what is done to it. */
export function selectionOf(model: Model, { selected, place }: ViewState): Selection {
  const nodes = selectedNodes(namedCircuit(model), selected);
  const states = nodes.map((node) => model.changes(node));
  const kind = common(states.map((state) => (state ? (state.kind ?? 'patch') : 'keep')));
  const [first] = nodes;
  const is = <K extends Kind['kind']>(name: K) =>
    typeof kind === 'object' && kind?.kind === name ? (kind as Extract<Kind, { kind: K }>) : null;
  const value = is('value')?.value ?? first?.activation ?? 0;
  return {
    nodes,
    state: typeof kind === 'string' ? kind : (kind?.kind ?? null),
    place: common(states.map((state) => state?.place ?? place)) ?? place,
    value,
    scale: is('scale')?.scale ?? 1,
    // The same while a slider moves, unless it was set beyond.
    reach: Math.max(1, 2 * Math.abs(first?.activation ?? 0), Math.abs(value)),
  };
}

/** What all have in common; null for nothing. */
function common<T>(all: readonly T[]): T | null {
  const [first] = all;
  const text = JSON.stringify(first);
  return all.length > 0 && all.every((one) => JSON.stringify(one) === text) ? first : null;
}

/**
 * The same nodes in another circuit: those that are in it, or else the same channels where the prediction
 * is made.
 * @param names of the channels that people selected
 */
export function selectedAgain(
  circuit: Circuit,
  ids: readonly string[],
  names: readonly string[],
): string[] {
  const kept = ids.filter((id) => nodeOf(circuit, id));
  if (kept.length > 0) return kept;
  return circuit.nodes
    .filter(({ node, at }: GraphNode) => node !== null && at === null && names.includes(node))
    .map(({ id }) => id);
}

/** Whether something is done to a node. */
export const isChanged = (changes: Changes) => (node: GraphNode) => changes(node) !== null;
