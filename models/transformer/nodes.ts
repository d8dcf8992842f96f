/**
 * Node names, built and parsed here only: `{layer}.{site}.{index}` and `final_resid.{index}`, as the
 * public circuit visualiser has them.
 */
import {
  FINAL_SITE,
  HEAD_SITES,
  isHeadSite,
  layerSites,
  SITES,
  siteWidth,
  type Site,
  type TransformerConfig,
} from './config';

/** One channel at one site of one layer, or one head's number there. */
export interface NodeId {
  /** At `final_resid` the number of layers, so that its nodes are after all others. */
  readonly layer: number;
  readonly site: Site;
  readonly index: number;
}

/** Name of a site of a layer, e.g. `2.mlp.post_act`; the model's outputs have these names. */
export function siteName(layer: number, site: Site): string {
  return site === FINAL_SITE ? site : `${layer}.${site}`;
}

/** Name of a node, e.g. `2.mlp.post_act.118`. */
export function nodeName(node: NodeId): string {
  return `${siteName(node.layer, node.site)}.${node.index}`;
}

/** Node of a name; throws when the name is malformed or the model has no such node. */
export function parseNode(name: string, config: TransformerConfig): NodeId {
  const node = nodeOf(name.trim(), config);
  if (!node) {
    throw new Error(
      `'${shown(name)}' is not a node name; write LAYER.SITE.INDEX, e.g. 0.mlp.post_act.118`,
    );
  }
  const { site } = node;
  if (isHeadSite(site) && !layerSites(config).includes(site)) {
    const what = site === 'attn.sink' ? 'sinks' : 'recency slopes';
    throw new Error(`node '${shown(name)}': the model's heads have no ${what}`);
  }
  if (site === FINAL_SITE ? !config.finalResid : node.layer >= config.layers) {
    const has = `the model has layers 0 to ${config.layers - 1}`;
    throw new Error(`node '${shown(name)}': ${has}${site === FINAL_SITE ? `, no ${site}` : ''}`);
  }
  const width = siteWidth(config, site);
  if (node.index >= width) {
    const what = isHeadSite(site) ? 'heads' : 'channels';
    throw new Error(`node '${shown(name)}': ${site} has ${what} 0 to ${width - 1}`);
  }
  return node;
}

/** The node that a name is made like, of the model or not. */
function nodeOf(name: string, { layers }: TransformerConfig): NodeId | null {
  const final = /^final_resid\.(\d+)$/.exec(name);
  if (final) return { layer: layers, site: FINAL_SITE, index: Number(final[1]) };
  const match = /^(\d+)\.(\w+\.\w+)\.(\d+)$/.exec(name);
  const site = [...SITES, ...HEAD_SITES].find((known) => known === match?.[2]);
  return match && site ? { layer: Number(match[1]), site, index: Number(match[3]) } : null;
}

/** A name that somebody made up, short and on one line. */
function shown(name: string): string {
  return name.slice(0, 60).replace(/\s+/g, ' ');
}

/**
 * What the model's weights join: nodes, and the ends of the residual stream. `token.ID` is written
 * into the channels `embed.C`; the final norm is read by channels `final.C`, which make `logit.ID`.
 */
export type Vertex =
  | { readonly kind: 'node'; readonly node: NodeId }
  | { readonly kind: 'token' | 'embed' | 'final' | 'logit'; readonly index: number };

/** Name of a vertex, e.g. `embed.17`; of a node its node name. */
export function vertexName(vertex: Vertex): string {
  return vertex.kind === 'node' ? nodeName(vertex.node) : `${vertex.kind}.${vertex.index}`;
}

/** Vertex of a name; throws when the name is malformed or the model has no such vertex. */
export function parseVertex(name: string, config: TransformerConfig): Vertex {
  const match = /^(token|embed|final|logit)\.(\d+)$/.exec(name.trim());
  if (!match) return { kind: 'node', node: parseNode(name, config) };
  const [kind, index] = [match[1] as 'token' | 'embed' | 'final' | 'logit', Number(match[2])];
  const count = kind === 'token' || kind === 'logit' ? config.vocab : config.dModel;
  if (index < count) return { kind, index };
  throw new Error(`'${shown(name)}': the model has ${kind}.0 to ${kind}.${count - 1}`);
}

/** A site of one layer, or the one after all layers. */
export interface SiteOfModel {
  readonly layer: number;
  readonly site: Site;
  /** Name of the site, e.g. `2.mlp.post_act`. */
  readonly name: string;
}

/** Every site of the model in the order of computation, heads' numbers too. */
export function allSites(config: TransformerConfig): SiteOfModel[] {
  const sites = searchedSites(config);
  if (!config.finalResid) return sites;
  const { layers: layer } = config;
  return [...sites, { layer, site: FINAL_SITE, name: siteName(layer, FINAL_SITE) }];
}

/**
 * The sites that searches go through unless asked otherwise: those of the layers. Every logit reads
 * `final_resid` itself, so its nodes would come first in any ranking, and say little.
 */
export function searchedSites(config: TransformerConfig): SiteOfModel[] {
  return Array.from({ length: config.layers }, (_, layer) =>
    layerSites(config).map((site) => ({ layer, site, name: siteName(layer, site) })),
  ).flat();
}

/** The sites whose nodes have an activation, another at every token; heads' own numbers have none. */
export function activationSites(config: TransformerConfig): SiteOfModel[] {
  return allSites(config).filter(({ site }) => !isHeadSite(site));
}

/** What people read of a node of each site: `{0}` is its layer, or its channel at the final site. */
export const NODE_WORDS: Readonly<Record<Site, string>> = {
  'attn.act_in': 'L{0} attention read {1}',
  'attn.q': 'L{0} head {1} · Q channel {2}',
  'attn.k': 'L{0} head {1} · K channel {2}',
  'attn.v': 'L{0} head {1} · V channel {2}',
  'attn.sink': 'L{0} head {1} · sink',
  'attn.recency': 'L{0} head {1} · recency',
  'attn.resid_delta': 'L{0} attention write {1}',
  'mlp.act_in': 'L{0} MLP read {1}',
  'mlp.post_act': 'L{0} MLP neuron {1}',
  'mlp.resid_delta': 'L{0} MLP write {1}',
  [FINAL_SITE]: 'final residual channel {0}',
};

/** How people read a node, as words with places for numbers, which whoever shows them may translate. */
export function nodeWords(
  { layer, site, index }: NodeId,
  { dHead }: TransformerConfig,
): { readonly text: string; readonly values: readonly number[] } {
  const text = NODE_WORDS[site];
  if (site === FINAL_SITE) return { text, values: [index] };
  if (isHeadSite(site)) return { text, values: [layer, index] };
  if (site !== 'attn.q' && site !== 'attn.k' && site !== 'attn.v') {
    return { text, values: [layer, index] };
  }
  return { text, values: [layer, Math.floor(index / dHead), index % dHead] };
}

/** How people read a node: `L2 MLP neuron 118`, `L3 head 5 · V channel 2`, `L3 head 5 · sink`. */
export function describeNode(node: NodeId, config: TransformerConfig): string {
  const { text, values } = nodeWords(node, config);
  return text.replace(/\{(\d)\}/g, (_, i: string) => String(values[Number(i)]));
}
