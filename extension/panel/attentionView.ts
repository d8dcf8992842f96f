/** A head's attention as the panel draws it. */
import { t } from '../../shared/l10n';
import type { AttentionPattern } from '../../models/runtime/attention';
import type { Trace } from '../../models/inference/trace';
import { siteName } from '../../models/transformer/nodes';
import type { Attention, Match } from '../../webview/protocol';
import { tokenText } from './nodeText';
import type { Asked } from './asked';

interface Head {
  readonly layer: number;
  readonly head: number;
}

/** The pattern over the window: each row up to itself, with its sink apart. */
export function attentionView(
  { snapshot, reader }: Asked,
  { layer, head }: Head,
  { window: { start, end }, pattern }: AttentionPattern,
): Attention {
  const { layers, heads } = snapshot.info.config;
  const length = end - start;
  const at = (row: number, column: number) => rounded(pattern[row * (length + 1) + column]);
  const indices = Array.from({ length }, (_, i) => i);
  return {
    ...{ layer, head, layers, heads, start, reader: reader - start },
    texts: indices.map((i) => tokenText(snapshot, start + i)),
    rows: indices.map((row) => indices.slice(0, row + 1).map((key) => at(row, key + 1))),
    sink: indices.map((row) => at(row, 0)),
  };
}

/**
 * What the query at the reader and a key have in common, channel by channel.
 * @throws when the key is not before the reader
 */
export function matchView(
  { snapshot, reader }: Asked,
  { layer, head }: Head,
  key: number,
  { window, pattern, products, recency }: AttentionPattern,
  { whole }: Trace,
): Match {
  if (key < window.start || key > reader) {
    throw new Error(t('token {0} is not read at token {1}; choose one before it', key, reader));
  }
  const { dHead, heads } = snapshot.info.config;
  const [row, query] = [key - window.start, reader - window.start];
  const width = heads * dHead;
  const value = (part: 'attn.q' | 'attn.k', at: number, channel: number) =>
    whole!.get(siteName(layer, part))![at * width + head * dHead + channel];
  const parts = Array.from({ length: dHead }, (_, channel) => ({
    channel,
    q: value('attn.q', query, channel),
    k: value('attn.k', row, channel),
    product: products[row * dHead + channel],
  })).filter(({ product }) => product !== 0);
  parts.sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
  return {
    ...{ layer, head, parts, recency: recency[row] },
    query: { token: reader, text: tokenText(snapshot, reader) },
    key: { token: key, text: tokenText(snapshot, key) },
    share: pattern[query * (window.end - window.start + 1) + row + 1],
    score: parts.reduce((sum, { product }) => sum + product, recency[row]),
  };
}

/** Enough to be drawn and read, and short to send. */
function rounded(share: number): number {
  return Math.round(share * 1e5) / 1e5;
}
