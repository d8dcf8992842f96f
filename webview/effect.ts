/** How much a node matters. */
import type { GraphNode } from './protocol';

/** The effect (nats) that was measured, or its estimate as long as it was not. */
export function effectOf({ effect, estimate }: GraphNode): number {
  return effect ?? estimate ?? 0;
}
