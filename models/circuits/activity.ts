/** How many nodes of a site are not zero at a token, after AbsTopK and sparse weights. */

/** Sums over tokens of the nodes that are active at each site. */
export class SiteActivity {
  private readonly sites = new Map<string, { active: number; nodes: number }>();
  private tokens = 0;

  /** Adds row `row` of the activations [pos, node] by site name. */
  add(whole: ReadonlyMap<string, Float32Array>, row: number, positions: number): void {
    this.tokens++;
    for (const [name, activations] of whole) {
      const nodes = activations.length / positions;
      const site = this.sites.get(name) ?? { active: 0, nodes };
      for (let i = row * nodes; i < (row + 1) * nodes; i++) if (activations[i] !== 0) site.active++;
      this.sites.set(name, site);
    }
  }

  /** For every site the mean number of nonzero nodes at a token, and the number of its nodes. */
  get means(): { site: string; active: number; nodes: number }[] {
    return [...this.sites].map(([site, { active, nodes }]) => ({
      ...{ site, nodes },
      active: active / this.tokens,
    }));
  }
}
