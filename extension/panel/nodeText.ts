/** Nodes and tokens as the panel names them. */
import { t } from '../../shared/l10n';
import type { HeadSite, LayerSite, Site, TransformerConfig } from '../../models/transformer/config';
import { FINAL_SITE, isHeadSite } from '../../models/transformer/config';
import { parseNode } from '../../models/transformer/nodes';
import type { Snapshot } from '../trace/documents';
import { shownId, shownNext, shownText, shownToken } from '../trace/shownToken';

/** Where a node stands in the picture. */
export interface NodePlace {
  readonly column: number;
  /** Layer, part and site, each on a line of its own. */
  readonly columnLabel: string;
  /** A few letters that tell it from others of its column. */
  readonly short: string;
}

/** Column of each site within its layer, and what it is called below its layer and its part. */
const COLUMNS: Record<LayerSite | HeadSite, { readonly column: number; readonly label: string }> = {
  'attn.act_in': { column: 0, label: t('attn\nin') },
  'attn.q': { column: 1, label: t('attn\nqkv') },
  'attn.k': { column: 1, label: t('attn\nqkv') },
  'attn.v': { column: 1, label: t('attn\nqkv') },
  'attn.sink': { column: 1, label: t('attn\nqkv') },
  'attn.recency': { column: 1, label: t('attn\nqkv') },
  'attn.resid_delta': { column: 2, label: t('attn\nout') },
  'mlp.act_in': { column: 3, label: t('MLP\nin') },
  'mlp.post_act': { column: 4, label: t('MLP\nact') },
  'mlp.resid_delta': { column: 5, label: t('MLP\nout') },
};
const COLUMNS_A_LAYER = Math.max(...Object.values(COLUMNS).map(({ column }) => column)) + 1;
/** Sites that belong to heads. */
const LETTERS: Partial<Record<Site, string>> = {
  'attn.q': 'Q',
  'attn.k': 'K',
  'attn.v': 'V',
  'attn.sink': 'S',
  'attn.recency': 'R',
};

/** Column of what the model reads, before all layers. */
export const FIRST_COLUMN = 0;

/** Column of what it predicts, after all layers. */
export function lastColumn({ layers, finalResid }: TransformerConfig): number {
  return 1 + layers * COLUMNS_A_LAYER + (finalResid ? 1 : 0);
}

/**
 * Column and short name of a node.
 * @throws when the model has no such node
 */
export function placeOf(name: string, config: TransformerConfig): NodePlace {
  const { layer, site, index } = parseNode(name, config);
  if (site === FINAL_SITE) {
    const column = lastColumn(config) - 1;
    return { column, columnLabel: t('final\nresidual'), short: String(index) };
  }
  const { column, label } = COLUMNS[site];
  return {
    column: 1 + layer * COLUMNS_A_LAYER + column,
    columnLabel: `L${layer}\n${label}`,
    short: shortName(site, index, config),
  };
}

function shortName(site: Site, index: number, { dHead }: TransformerConfig): string {
  const letter = LETTERS[site];
  if (letter === undefined) return String(index);
  if (isHeadSite(site)) return `${letter}${index}`;
  return `${letter}${Math.floor(index / dHead)}·${index % dHead}`;
}

/** The head of a query, key or value, of a sink or a slope; null for other nodes. */
export function headOf(
  name: string,
  config: TransformerConfig,
): { layer: number; head: number } | null {
  const { layer, site, index } = parseNode(name, config);
  if (LETTERS[site] === undefined) return null;
  return { layer, head: isHeadSite(site) ? index : Math.floor(index / config.dHead) };
}

/** A token of the document, fit to be shown. */
export function tokenText(snapshot: Snapshot, token: number): string {
  return shownText(shownToken(snapshot, token));
}

/** A token id, fit to be shown. */
export function idText({ info }: Snapshot, id: number): string {
  return shownText(shownId(info, id));
}

/** A token id as what follows a token of the document, fit to be shown. */
export function nextText(snapshot: Snapshot, token: number, id: number): string {
  return shownText(shownNext(snapshot, token, id));
}
