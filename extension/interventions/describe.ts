/** Interventions in words. */
import { counted } from '../text/counted';
import { visible } from '../text/visible';
import type { Intervention } from '../../models/runtime/interventions';
import { FINAL_SITE, type TransformerConfig } from '../../models/transformer/config';
import { describeNode, parseNode, type NodeId } from '../../models/transformer/nodes';
import { anchorOf, type Entry } from './entry';

/** How people read a node; its name where the model has no such node. */
export function nodeLabel(name: string, config: TransformerConfig | null): string {
  const node = config && known(name, config);
  return node ? describeNode(node, config) : name;
}

/** The node of a name; null where the model has none. */
function known(name: string, config: TransformerConfig): NodeId | null {
  try {
    return parseNode(name, config);
  } catch {
    return null;
  }
}

/** Where a node is, without its number: `L2 MLP`, `L2 head 6`. */
export function nodePlace(name: string, config: TransformerConfig): string {
  const node = known(name, config);
  if (!node) return name;
  const { layer, site, index } = node;
  if (site === FINAL_SITE) return 'final residual';
  if (site === 'attn.q' || site === 'attn.k' || site === 'attn.v') {
    return `L${layer} head ${Math.floor(index / config.dHead)}`;
  }
  return `L${layer} ${site.startsWith('attn') ? 'attention' : 'MLP'}`;
}

/** `→ mean`, `→ −1.2`, `× 0.5`. */
export function kindText({ kind }: Pick<Intervention, 'kind'>): string {
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

/** `everywhere`, `at ‘def’ in line 30`, `from ‘def’ in line 30 on`, or that the token is gone. */
export function whereText(entry: Pick<Entry, 'where'>): string {
  const anchor = anchorOf(entry);
  if (!anchor || entry.where === 'all') return 'everywhere';
  const token = anchor.offset < 0 ? 'the start of the file' : `‘${visible(anchor.text)}’`;
  const place = anchor.offset < 0 ? token : `${token} in line ${anchor.line + 1}`;
  if (anchor.lost) return `lost: the text no longer has ${place}`;
  return 'at' in entry.where ? `at ${place}` : `from ${place} on`;
}

/** Why an entry waits: it is of another model than the one in use; null when it does not. */
export function waitsText({ model }: Pick<Entry, 'model'>, inUse: string | null): string | null {
  if (inUse === null || model.hash === inUse) return null;
  return `waits for its model, ${model.name} ${model.hash.slice(0, 12)}`;
}

/** The nodes of an intervention, the first one in words. */
export function nodesText(
  { nodes }: Pick<Intervention, 'nodes'>,
  config: TransformerConfig | null,
): string {
  const first = nodeLabel(nodes[0], config);
  return nodes.length === 1 ? first : `${first} and ${nodes.length - 1} more`;
}

/** `1 ablation`, `3 ablations of 120 nodes`: how many nodes is said where there are more. */
export function ablationsText(interventions: readonly Pick<Intervention, 'nodes'>[]): string {
  const count = interventions.length;
  const nodes = interventions.reduce((sum, { nodes }) => sum + nodes.length, 0);
  const of = nodes > count ? ` of ${nodes.toLocaleString('en')} nodes` : '';
  return counted(count, 'ablation') + of;
}

/** A number with its sign and few digits. */
export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

function plain(value: number): string {
  return String(value).replace('-', '−');
}
