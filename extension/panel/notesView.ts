/** Groups, pins and notes as the panel shows them, by the ids of its graph. */
import type { Notes as Told, Vertex } from '../../webview/protocol';
import type { NotesOf } from '../notes/json';
import type { NodePlace, Notes } from '../notes/notes';
import { anchorAt, tokenOf } from '../trace/anchor';
import { graphId } from './circuitView';
import type { Asked } from './asked';

/** Those whose tokens the document has. */
export function notesView({ groups, nodes }: Notes, { snapshot }: Asked): Told {
  return {
    groups: groups.map(({ name, collapsed, note }) => ({ name, collapsed, note })),
    nodes: nodes.flatMap(({ node, at, group, pinned, note }) => {
      const token = at && tokenOf(at, snapshot);
      if (token === undefined) return [];
      return [{ id: token === null ? node : graphId(node, token), group, pinned, note }];
    }),
  };
}

/** Nodes of the graph where people mark them. */
export function placesOf(
  vertices: readonly Vertex[],
  { uri }: NotesOf,
  { snapshot }: Asked,
): NodePlace[] {
  return vertices.map(({ node, token }) => ({
    node,
    at: uri === null ? null : anchorAt(snapshot, token),
  }));
}
