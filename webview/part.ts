/** The part of a circuit that is shown, with its groups drawn as one. */
import { NOTHING, shownPart, type Limits, type Shown } from './filter';
import { drawnPart, grouped } from './grouping';
import type { Model } from './model';
import type { Circuit, GraphNode } from './protocol';
import { isChanged } from './selection';
import { collapsed, keptIds } from './supernodes';

export interface Part {
  readonly shown: Shown;
  /** Its nodes one by one, those of groups too. */
  readonly single: readonly GraphNode[];
}

/** @param open groups of a large circuit that people opened */
export function partOf(
  circuit: Circuit | null,
  { subject, changes, marks }: Pick<Model, 'subject' | 'changes' | 'marks'>,
  limits: Limits,
  open: ReadonlySet<string>,
): Part {
  if (!circuit) return { shown: NOTHING, single: [] };
  const kept = keptIds(marks);
  if (subject?.drawn) {
    const shown = drawnPart(grouped(collapsed(circuit, marks), open, kept), limits);
    return { shown, single: circuit.nodes };
  }
  const isAblated = isChanged(changes);
  // One that is ablated everywhere is kept where the prediction is made.
  const isKept = (node: GraphNode) => kept.has(node.id) || (node.at === null && isAblated(node));
  const shown = shownPart(circuit, limits, isKept);
  return { shown: collapsed(shown, marks), single: shown.nodes };
}
