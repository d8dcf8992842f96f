/** Sets of a model's nodes in a fixed order, so that gates and mask parameters are flat arrays. */
import { FINAL_SITE, siteWidth, type TransformerConfig } from './config';
import { allSites, nodeName, parseNode, searchedSites, siteName, type NodeId } from './nodes';

/** A site's part of a node set. */
export interface SiteNodes {
  /** Site name. */
  readonly site: string;
  /** Indices of its nodes, ascending. */
  readonly indices: Int32Array;
  /** Place of the first in flat arrays. */
  readonly offset: number;
}

/** Nodes of a model, ordered by layer, site and index. */
export class NodeSet {
  /** Sites that have nodes in the set. */
  readonly sites: readonly SiteNodes[];
  readonly nodes: readonly NodeId[];

  constructor(
    readonly config: TransformerConfig,
    nodes: Iterable<NodeId>,
  ) {
    const bySite = new Map<string, Set<number>>();
    for (const { layer, site, index } of nodes) {
      const name = siteName(layer, site);
      const known = bySite.get(name);
      if (known) known.add(index);
      else bySite.set(name, new Set([index]));
    }
    const sites: SiteNodes[] = [];
    const ordered: NodeId[] = [];
    for (const { layer, site, name } of allSites(config)) {
      const indices = Int32Array.from(bySite.get(name) ?? []).sort();
      if (indices.length === 0) continue;
      sites.push({ site: name, indices, offset: ordered.length });
      for (const index of indices) ordered.push({ layer, site, index });
    }
    this.sites = sites;
    this.nodes = ordered;
  }

  /** Every node of a model's layers, and of the last residual stream where one of some nodes is there. */
  static all(config: TransformerConfig, used: Iterable<NodeId> = []): NodeSet {
    const isFinal = [...used].some(({ site }) => site === FINAL_SITE);
    return new NodeSet(
      config,
      (isFinal ? allSites(config) : searchedSites(config)).flatMap(({ layer, site }) =>
        Array.from({ length: siteWidth(config, site) }, (_, index) => ({ layer, site, index })),
      ),
    );
  }

  /** The nodes of some names; throws when the model has no such node. */
  static named(config: TransformerConfig, names: readonly string[]): NodeSet {
    return new NodeSet(
      config,
      names.map((name) => parseNode(name, config)),
    );
  }

  get count(): number {
    return this.nodes.length;
  }

  names(): string[] {
    return this.nodes.map(nodeName);
  }

  /** Indices by site name, as mask graphs take them. */
  bySite(): Map<string, Int32Array> {
    return new Map(this.sites.map(({ site, indices }) => [site, indices]));
  }

  /** The nodes at which a predicate of their flat place holds. */
  filter(keep: (place: number) => boolean): NodeSet {
    return new NodeSet(
      this.config,
      this.nodes.filter((_, place) => keep(place)),
    );
  }

  /** The nodes that are not in another set. */
  without(other: NodeSet): NodeSet {
    const inOther = this.gatesOf(other);
    return this.filter((place) => inOther[place] === 0);
  }

  /** Gates over this set that are open, 1, at the nodes of another. */
  gatesOf(open: NodeSet): Float32Array {
    const wanted = new Set(open.names());
    return Float32Array.from(this.nodes, (node) => (wanted.has(nodeName(node)) ? 1 : 0));
  }
}
