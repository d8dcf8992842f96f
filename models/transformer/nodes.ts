/**
 * Node names, built and parsed here only: `{layer}.{site}.{index}` and `final_resid.{index}`, as the
 * public circuit visualiser has them.
 */
import { FINAL_SITE, SITES, siteWidth, type Site, type TransformerConfig } from './config';

/** One channel at one site of one layer. */
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
  if (site === FINAL_SITE ? !config.finalResid : node.layer >= config.layers) {
    const has = `the model has layers 0 to ${config.layers - 1}`;
    throw new Error(`node '${shown(name)}': ${has}${site === FINAL_SITE ? `, no ${site}` : ''}`);
  }
  const width = siteWidth(config, site);
  if (node.index >= width) {
    throw new Error(`node '${shown(name)}': ${site} has channels 0 to ${width - 1}`);
  }
  return node;
}

/** The node that a name is made like, of the model or not. */
function nodeOf(name: string, { layers }: TransformerConfig): NodeId | null {
  const final = /^final_resid\.(\d+)$/.exec(name);
  if (final) return { layer: layers, site: FINAL_SITE, index: Number(final[1]) };
  const match = /^(\d+)\.(\w+\.\w+)\.(\d+)$/.exec(name);
  const site = SITES.find((known) => known === match?.[2]);
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

/** Every site of the model in the order of computation. */
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
export function searchedSites({ layers }: TransformerConfig): SiteOfModel[] {
  return Array.from({ length: layers }, (_, layer) =>
    SITES.map((site) => ({ layer, site, name: siteName(layer, site) })),
  ).flat();
}

/** How people read a node: `L2 MLP neuron 118`, `L3 head 5 · V channel 2`. */
export function describeNode(node: NodeId, config: TransformerConfig): string {
  if (node.site === FINAL_SITE) return `final residual channel ${node.index}`;
  const layer = `L${node.layer}`;
  const head = Math.floor(node.index / config.dHead);
  const channel = node.index % config.dHead;
  switch (node.site) {
    case 'attn.act_in':
      return `${layer} attention read ${node.index}`;
    case 'attn.q':
      return `${layer} head ${head} · Q channel ${channel}`;
    case 'attn.k':
      return `${layer} head ${head} · K channel ${channel}`;
    case 'attn.v':
      return `${layer} head ${head} · V channel ${channel}`;
    case 'attn.resid_delta':
      return `${layer} attention write ${node.index}`;
    case 'mlp.act_in':
      return `${layer} MLP read ${node.index}`;
    case 'mlp.post_act':
      return `${layer} MLP neuron ${node.index}`;
    case 'mlp.resid_delta':
      return `${layer} MLP write ${node.index}`;
  }
}
