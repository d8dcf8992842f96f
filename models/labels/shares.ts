/** How much of a model has a label. */
import {
  holdsAtStrongest,
  isCausal,
  labelsOfNode,
  raisesLoss,
  type Labels,
} from '../bundles/labels';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { LAYER_MATRICES } from '../transformer/matrices';
import { activationSites, nodeName } from '../transformer/nodes';
import type { Weights } from '../transformer/parameters';

/** Some of all. */
export interface Share {
  readonly some: number;
  readonly all: number;
}

export interface LabelShares {
  /** Nodes with a label of either sign. */
  readonly nodes: Share;
  /** Labels that hold where their node is strongest too. */
  readonly strongest: Share;
  /** Labels where ablation changes predictions more than elsewhere, of those that it was asked about. */
  readonly confirmed: Share;
  /** The same, where it raises the loss more than elsewhere. */
  readonly raisesLoss: Share;
  /** Nonzero weights of the layers' matrices whose two nodes have a label. */
  readonly weights: Share;
}

/** Counts what is labelled. */
export function labelShares(
  model: { readonly config: TransformerConfig; readonly weights: Weights },
  labels: Labels,
): LabelShares {
  const { config, weights } = model;
  const nodes = activationSites(config).reduce((sum, { site }) => sum + siteWidth(config, site), 0);
  const signs = Object.values(labels.nodes).flatMap(labelsOfNode);
  const measured = signs.filter(({ causal }) => causal !== null);
  const edges = { some: 0, all: 0 };
  for (let layer = 0; layer < config.layers; layer++) {
    for (const { from, to, part } of LAYER_MATRICES) {
      const matrix = weights.get(`layers.${layer}.${part}.weight`)!;
      const isLabelled = (site: typeof from, count: number) =>
        Array.from({ length: count }, (_, index) =>
          Object.hasOwn(labels.nodes, nodeName({ layer, site, index })),
        );
      const width = siteWidth(config, to);
      const [left, right] = [isLabelled(from, matrix.length / width), isLabelled(to, width)];
      for (let i = 0; i < matrix.length; i++) {
        if (matrix[i] === 0) continue;
        edges.all++;
        if (left[Math.floor(i / width)] && right[i % width]) edges.some++;
      }
    }
  }
  return {
    nodes: { some: Object.keys(labels.nodes).length, all: nodes },
    strongest: { some: signs.filter(holdsAtStrongest).length, all: signs.length },
    confirmed: { some: measured.filter(isCausal).length, all: measured.length },
    raisesLoss: { some: measured.filter(raisesLoss).length, all: measured.length },
    weights: edges,
  };
}

/** Share of accepted labels that chance alone would give: text that is not the node's got as many accepted. */
export function falseDiscovery({ accepted, nodes }: Labels): number {
  const labels = Object.values(nodes).flatMap(labelsOfNode).length;
  const { tried, chance } = accepted;
  if (labels === 0 || chance.tried === 0) return 0;
  return (chance.accepted / chance.tried) * (tried / labels);
}
