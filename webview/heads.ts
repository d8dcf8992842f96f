/** Which heads matter for the prediction: by the effects of their queries, keys and values. */
import { effectOf } from './effect';
import type { Circuit } from './protocol';

/** A head, and how much its nodes change the prediction. */
export interface HeadEffect {
  readonly layer: number;
  readonly head: number;
  /** Sum of the magnitudes (nats) of its nodes' effects. */
  readonly effect: number;
}

/** The heads that have nodes in the circuit, the one that matters most first. */
export function headsByEffect(circuit: Circuit | null): HeadEffect[] {
  const found = new Map<string, HeadEffect>();
  for (const node of circuit?.nodes ?? []) {
    if (!node.head) continue;
    const { layer, head } = node.head;
    const before = found.get(`${layer}.${head}`)?.effect ?? 0;
    const effect = before + Math.abs(effectOf(node));
    found.set(`${layer}.${head}`, { layer, head, effect });
  }
  return [...found.values()].sort((a, b) => b.effect - a.effect);
}
