/** Interventions in words. */
import { filled, t, whole } from '../../shared/l10n';
import { visible } from '../text/visible';
import type { Intervention } from '../../models/inference/interventions';
import { FINAL_SITE, isHeadSite, type TransformerConfig } from '../../models/transformer/config';
import { nodeWords, parseNode, type NodeId } from '../../models/transformer/nodes';
import { anchorOf, type Entry } from './entry';

/** How people read a node; its name where the model has no such node. */
export function nodeLabel(name: string, config: TransformerConfig | null): string {
  const node = config && known(name, config);
  if (!node) return name;
  const { text, values } = nodeWords(node, config);
  return filled(text, values);
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
  if (site === FINAL_SITE) return t('final residual');
  if (site === 'attn.q' || site === 'attn.k' || site === 'attn.v') {
    return t('L{0} head {1}', layer, Math.floor(index / config.dHead));
  }
  if (isHeadSite(site)) return t('L{0} head {1}', layer, index);
  return site.startsWith('attn') ? t('L{0} attention', layer) : t('L{0} MLP', layer);
}

/** `→ mean`, `→ −1.2`, `× 0.5`; of a weight `taken out`, `carries its mean`. */
export function kindText({ kind, into }: Pick<Intervention, 'kind' | 'into'>): string {
  if (into !== undefined) return edgeText(kind);
  switch (kind.kind) {
    case 'mean':
      return t('→ mean');
    case 'zero':
      return t('→ zero');
    case 'value':
      return `→ ${plain(kind.value)}`;
    case 'scale':
      return `× ${plain(kind.scale)}`;
    case 'patch':
      return t('→ activations of another text');
  }
}

function edgeText(kind: Intervention['kind']): string {
  switch (kind.kind) {
    case 'zero':
      return t('taken out');
    case 'mean':
      return t('carries the mean');
    case 'value':
      return t('carries {0}', plain(kind.value));
    case 'scale':
      return `× ${plain(kind.scale)}`;
    case 'patch':
      return t('carries activations of another text');
  }
}

/** `everywhere`, `at ‘def’ in line 30`, `from ‘def’ in line 30 on`, or that the token is gone. */
export function whereText(entry: Pick<Entry, 'where'>): string {
  const anchor = anchorOf(entry);
  if (!anchor || entry.where === 'all') return t('everywhere');
  const place =
    anchor.offset < 0
      ? t('the start of the file')
      : anchor.part > 0
        ? t('part {0} of ‘{1}’ in line {2}', anchor.part + 1, visible(anchor.text), anchor.line + 1)
        : t('‘{0}’ in line {1}', visible(anchor.text), anchor.line + 1);
  if (anchor.lost) return t('lost: {0} is no longer in the text', place);
  return 'at' in entry.where ? t('at {0}', place) : t('from {0} on', place);
}

/** The model that an entry waits for, because another is in use; null when it waits for none. */
export function waitsFor({ model }: Pick<Entry, 'model'>, inUse: string | null): string | null {
  if (inUse === null || model.hash === inUse) return null;
  return `${model.name} ${model.hash.slice(0, 12)}`;
}

/** Why an entry waits; null when it does not. */
export function waitsText(entry: Pick<Entry, 'model'>, inUse: string | null): string | null {
  const model = waitsFor(entry, inUse);
  return model === null ? null : t('inactive, for another model: {0}', model);
}

/** The nodes of an intervention, the first one in words; of a weight the two that it joins. */
export function nodesText(
  { nodes, into }: Pick<Intervention, 'nodes' | 'into'>,
  config: TransformerConfig | null,
): string {
  const first = nodeLabel(nodes[0], config);
  const all = nodes.length === 1 ? first : t('{0} and {1} more', first, whole(nodes.length - 1));
  return into === undefined ? all : t('weight {0} → {1}', all, nodeLabel(into, config));
}

/** Names of the nodes, so many of them; an intervention may have thousands. */
export function namesText(
  { nodes, into }: Pick<Intervention, 'nodes' | 'into'>,
  most: number,
): string {
  const names = [...nodes.slice(0, most), ...(nodes.length > most ? ['…'] : [])].join(', ');
  return into === undefined ? names : `${names} → ${into}`;
}

function plain(value: number): string {
  return String(value).replace('-', '−');
}
