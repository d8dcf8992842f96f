/** Activations of a circuit's nodes as the ablations leave them. */
import { siteName, parseNode } from '../../models/transformer/nodes';
import { siteWidth } from '../../models/transformer/config';
import type { Trace } from '../../models/runtime/trace';
import type { Circuit } from '../../webview/protocol';
import type { Asked } from './subject';

/** Activations by id of the graph, from a trace of the whole window. */
export function nowOf(
  { nodes }: Circuit,
  { whole, window }: Trace,
  { snapshot: { info } }: Asked,
): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { id, node, token } of nodes) {
    if (node === null) continue;
    const { layer, site, index } = parseNode(node, info.config);
    const width = siteWidth(info.config, site);
    const value = whole?.get(siteName(layer, site))?.[(token - window.start) * width + index];
    if (value !== undefined) found[id] = value;
  }
  return found;
}
