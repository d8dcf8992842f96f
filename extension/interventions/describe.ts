/** Interventions in words. */
import { counted } from '../text/counted';
import type { Intervention } from '../../models/runtime/interventions';
import type { TransformerConfig } from '../../models/transformer/config';
import { describeNode, parseNode } from '../../models/transformer/nodes';

/** How people read a node; its name where the model has no such node. */
export function nodeLabel(name: string, config: TransformerConfig | null): string {
  if (!config) return name;
  try {
    return describeNode(parseNode(name, config), config);
  } catch {
    return name;
  }
}

/** `→ mean`, `→ −1.2`, `× 0.5`. */
export function kindText({ kind }: Intervention): string {
  switch (kind.kind) {
    case 'mean':
      return '→ mean';
    case 'zero':
      return '→ zero';
    case 'value':
      return `→ ${plain(kind.value)}`;
    case 'scale':
      return `× ${plain(kind.scale)}`;
    case 'patch':
      return '→ activations of another text';
  }
}

/** `everywhere`, `at token 30`, `from token 30 on`. */
export function positionsText({ positions }: Intervention): string {
  if (positions === 'all') return 'everywhere';
  return 'at' in positions ? `at token ${positions.at}` : `from token ${positions.from} on`;
}

/** The nodes of an intervention, the first one in words. */
export function nodesText({ nodes }: Intervention, config: TransformerConfig | null): string {
  const first = nodeLabel(nodes[0], config);
  return nodes.length === 1 ? first : `${first} and ${nodes.length - 1} more`;
}

/** `1 ablation`, `3 ablations`. */
export function ablationsText(count: number): string {
  return counted(count, 'ablation');
}

/** A number with its sign and few digits. */
export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

function plain(value: number): string {
  return String(value).replace('-', '−');
}

/** The interventions that can act on a model: those all of whose nodes it has. */
export function fitting(
  interventions: readonly Intervention[],
  config: TransformerConfig,
): Intervention[] {
  return interventions.filter(({ nodes }) => nodes.every((node) => hasNode(node, config)));
}

function hasNode(name: string, config: TransformerConfig): boolean {
  try {
    parseNode(name, config);
    return true;
  } catch {
    return false;
  }
}
