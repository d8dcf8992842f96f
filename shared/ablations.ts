/** How many ablations there are, in words. */
import { plural, whole } from './l10n';

/** Ablations by number: one of them may be of thousands of nodes. */
export interface AblationCount {
  readonly ablations: number;
  readonly nodes: number;
}

/** How many ablations there are, and of how many nodes. */
export function countAblations(
  all: readonly { readonly nodes: readonly string[] }[],
): AblationCount {
  return { ablations: all.length, nodes: all.reduce((sum, { nodes }) => sum + nodes.length, 0) };
}

/** `1 ablation`, `3 ablations of 120 nodes`: how many nodes is said where there are more. */
export function ablationsText({ ablations, nodes }: AblationCount): string {
  if (nodes <= ablations) return plural(ablations, '{0} ablation', '{0} ablations');
  return plural(ablations, '{0} ablation of {1} nodes', '{0} ablations of {1} nodes', whole(nodes));
}
