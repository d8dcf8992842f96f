/** Everything that a bundle knows of one node, whatever the text. */
import { examplesOf, type NodeExamples } from '../bundles/examples';
import { isCausal, labelText, type Label, type Labels } from '../bundles/labels';
import { nodeFacts, type NodeFacts } from '../circuits/token/facts';
import { parseNode, siteName } from '../transformer/nodes';
import type { Engine } from '../inference/engine';

export interface FactsRequest {
  /** Node name. */
  readonly node: string;
  /** Length of every list at most. */
  readonly count: number;
}

export interface Facts extends NodeFacts {
  /** Mean over the training distribution. */
  readonly mean: number;
  /** What held-out Python shows of it; null when the bundle does not say. */
  readonly examples: NodeExamples | null;
  /**
   * What its positive and its negative activations tell, null for a sign without an accepted label; null
   * when the bundle does not say.
   */
  readonly labels: Readonly<Record<'positive' | 'negative', LabelFacts | null>> | null;
}

/** A label in words, with its scores. */
export interface LabelFacts {
  readonly text: string;
  readonly label: Label;
  /** Whether ablating the node changes predictions where the label holds, and more than elsewhere. */
  readonly causal: boolean;
}

/**
 * Facts of a node.
 * @throws when the model has no such node
 */
export function facts(engine: Engine, { node, count }: FactsRequest): Facts {
  const { config, edges, examples, labels, means } = engine;
  const { layer, site, index } = parseNode(node, config);
  const name = siteName(layer, site);
  return {
    ...nodeFacts(edges, node, count),
    mean: means.get(name)![index],
    examples: examples && examplesOf(examples, config.context, name, index),
    labels: labels && {
      positive: labelFacts(labels, labels.nodes[node]?.positive),
      negative: labelFacts(labels, labels.nodes[node]?.negative),
    },
  };
}

function labelFacts(labels: Labels, label: Label | undefined): LabelFacts | null {
  if (!label) return null;
  return { text: labelText(labels, label), label, causal: isCausal(label) };
}
