/**
 * Whether some nodes are enough for a prediction, and whether it needs them: all others ablated, and
 * just these ablated, each beside a random set of the same size from the same sites.
 */
import { Rng } from '../../models/random';
import type { Ablation, Intervention } from '../../models/inference/interventions';
import { siteWidth, type TransformerConfig } from '../../models/transformer/config';
import { nodeName, parseNode, searchedSites, siteName } from '../../models/transformer/nodes';
import type { TokenTrace } from '../trace/tokenTrace';

/** A set, and one to hold it against. */
export interface Sets {
  readonly own: readonly string[];
  readonly random: readonly string[];
}

/**
 * Some nodes and as many others, site by site: of those that are active at the token as long as there
 * are any, since ablating what is not active says little. The same nodes always meet the same others.
 * @throws when the model has no such node
 */
export function withRandom(
  nodes: readonly string[],
  { sites }: TokenTrace,
  config: TransformerConfig,
): Sets {
  const own = [...new Set(nodes)];
  const rng = new Rng('isolation', ...own);
  const active = new Map(sites.map(({ site, indices }) => [site, Array.from(indices)]));
  const taken = new Set(own);
  const random = own.flatMap((name) => {
    const { layer, site } = parseNode(name, config);
    const free = (indices: readonly number[]) =>
      indices.map((index) => nodeName({ layer, site, index })).filter((other) => !taken.has(other));
    const likely = free(active.get(siteName(layer, site)) ?? []);
    const choice =
      likely.length > 0
        ? likely
        : free(Array.from({ length: siteWidth(config, site) }, (_, i) => i));
    if (choice.length === 0) return []; // The set has the whole site.
    const chosen = choice[rng.int(choice.length)];
    taken.add(chosen);
    return [chosen];
  });
  return { own, random };
}

/** Sets that are isolated at some positions. */
export interface PlacedSets extends Sets {
  readonly positions: Intervention['positions'];
}

/** Interventions for each of the four questions; other positions stay as they are. */
export function isolations(
  sets: readonly PlacedSets[],
  config: TransformerConfig,
  kind: Ablation,
): Record<'allBut' | 'allButRandom' | 'just' | 'justRandom', Intervention[]> {
  const ablate = (nodesOf: (sets: PlacedSets) => readonly string[]): Intervention[] =>
    sets.flatMap((own) => {
      const nodes = [...nodesOf(own)];
      return nodes.length === 0 ? [] : [{ nodes, positions: own.positions, kind }];
    });
  const allBut = (kept: readonly string[]) => {
    const wanted = new Set(kept);
    return everyNode(config).filter((node) => !wanted.has(node));
  };
  return {
    allBut: ablate(({ own }) => allBut(own)),
    allButRandom: ablate(({ random }) => allBut(random)),
    just: ablate(({ own }) => own),
    justRandom: ablate(({ random }) => random),
  };
}

/** Names of all nodes of the layers, in the order of computation. */
export function everyNode(config: TransformerConfig): string[] {
  return searchedSites(config).flatMap(({ layer, site }) =>
    Array.from({ length: siteWidth(config, site) }, (_, index) => nodeName({ layer, site, index })),
  );
}
