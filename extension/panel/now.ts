/** Activations of single nodes in a trace of a whole window. */
import { siteWidth, type TransformerConfig } from '../../models/transformer/config';
import { parseNode, siteName, type NodeId } from '../../models/transformer/nodes';
import type { Trace } from '../../models/inference/trace';
import type { Circuit } from '../../webview/protocol';
import type { Asked } from './asked';

/** Activation of a node at a token of the window; undefined where the trace does not reach. */
export function activationIn(
  { whole, window }: Trace,
  { layer, site, index }: NodeId,
  token: number,
  config: TransformerConfig,
): number | undefined {
  const width = siteWidth(config, site);
  return whole?.get(siteName(layer, site))?.[(token - window.start) * width + index];
}

/** Activations by id of the graph, as the ablations leave them. */
export function nowOf(
  { nodes }: Circuit,
  trace: Trace,
  { snapshot: { info } }: Asked,
): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { id, node, token } of nodes) {
    if (node === null) continue;
    const value = activationIn(trace, parseNode(node, info.config), token, info.config);
    if (value !== undefined) found[id] = value;
  }
  return found;
}
