/** Groups and notes in an export. */
import { t } from '../../shared/l10n';
import type { Model } from '../model';
import type { GraphNode } from '../protocol';
import { membersOf } from '../supernodes';

/** A node with its token, in words. */
export function nodeText({ label, at }: GraphNode): string {
  return at === null ? label : t('{0} at {1}', label, at);
}

/** Notes on groups and on nodes, a line each. */
export function notesOf({ marks }: Pick<Model, 'marks'>, nodes: readonly GraphNode[]): string[] {
  const groups = membersOf({ nodes }, marks);
  const ofGroups = marks.groups
    .filter(({ name, note }) => note !== '' && groups.has(name))
    .map(({ name, note }) => t('{0}: {1}', name, note));
  const ofNodes = nodes.flatMap((node) => {
    const note = marks.nodes.get(node.id)?.note ?? '';
    return note === '' ? [] : [t('{0}: {1}', nodeText(node), note)];
  });
  return [...ofGroups, ...ofNodes];
}
