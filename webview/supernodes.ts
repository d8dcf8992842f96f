/** Named groups: many nodes that are drawn as one, with what their edges carry and their effects added up. */
import { effectOf } from './effect';
import { mergedEdges } from './grouping';
import { plural } from '../shared/l10n';
import type { GraphEdge, GraphNode, Notes } from './protocol';

const PREFIX = 'named ';

/** Id of a group in the graph. */
export const groupId = (name: string): string => `${PREFIX}${name}`;

/** The group that an id is of; null for other ids. */
export const groupOfId = (id: string): string | null =>
  id.startsWith(PREFIX) ? id.slice(PREFIX.length) : null;

/** What the notes say, by what is asked of them. */
export interface Marks {
  /** By id of the graph. */
  readonly nodes: ReadonlyMap<string, Notes['nodes'][number]>;
  readonly groups: readonly Notes['groups'][number][];
}

export const NO_MARKS: Marks = { nodes: new Map(), groups: [] };

/** Ids of the nodes that are shown whatever their effect: pinned, or in a group. */
export function keptIds({ nodes }: Marks): ReadonlySet<string> {
  const kept = [...nodes.values()].filter(({ pinned, group }) => pinned || group !== '');
  return new Set(kept.map(({ id }) => id));
}

/** Nodes of a circuit by the name of their group, the one that matters most first; no empty groups. */
export function membersOf(
  { nodes }: { readonly nodes: readonly GraphNode[] },
  marks: Marks,
): ReadonlyMap<string, readonly GraphNode[]> {
  const found = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    const group = marks.nodes.get(node.id)?.group ?? '';
    if (group !== '') found.set(group, [...(found.get(group) ?? []), node]);
  }
  for (const own of found.values())
    own.sort((a, b) => Math.abs(effectOf(b)) - Math.abs(effectOf(a)));
  return found;
}

/** Which node of the graph stands for a node: its collapsed group, or itself. */
export function standingFor(marks: Marks): (id: string) => string {
  const collapsed = new Set(
    marks.groups.filter((group) => group.collapsed).map(({ name }) => name),
  );
  return (id) => {
    const group = marks.nodes.get(id)?.group ?? '';
    return collapsed.has(group) ? groupId(group) : id;
  };
}

interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** The graph with the nodes of each collapsed group drawn as one, where its strongest node stands. */
export function collapsed<G extends Graph>(shown: G, marks: Marks): G {
  const stands = standingFor(marks);
  const idOf = new Map<string, string>();
  for (const { id } of shown.nodes) if (stands(id) !== id) idOf.set(id, stands(id));
  if (idOf.size === 0) return shown;
  const groups = [...membersOf(shown, marks)].filter(([, [first]]) => idOf.has(first.id));
  const kept = shown.nodes.filter(({ id }) => !idOf.has(id));
  return {
    ...shown,
    nodes: [...kept, ...groups.map(([name, own]) => supernode(name, own))],
    // What runs within a group is not seen.
    edges: mergedEdges(shown.edges, idOf).filter(({ from, to }) => from !== to),
  };
}

function supernode(name: string, own: readonly GraphNode[]): GraphNode {
  const [{ part, column, columnLabel, token, at }] = own;
  const sum = (value: (node: GraphNode) => number) =>
    own.reduce((total, node) => total + value(node), 0);
  const measured = own.every(({ effect }) => effect !== null);
  return {
    ...{ id: groupId(name), node: null, role: 'group', part, head: null, members: own.length },
    ...{ column, columnLabel, token, at, short: name },
    label: plural(own.length, '{1} (group of {0} node)', '{1} (group of {0} nodes)', name),
    activation: sum(({ activation }) => activation) / own.length,
    now: sum(({ now }) => now) / own.length,
    effect: measured ? sum((node) => node.effect!) : null,
    estimate: measured ? null : sum(effectOf),
  };
}
