/** Concepts of a bundle's labels, and the nodes that tell one. */
import { labelText, type Labels } from '../bundles/labels';
import { conceptCounts, nodesOfConcept, type ConceptCount } from '../labels/byConcept';
import { CONCEPTS } from '../labels/concepts';
import type { Engine } from '../inference/engine';
import type { LabelFacts } from './facts';

export interface ConceptsRequest {
  /** Null asks for the concepts themselves. */
  readonly concept: string | null;
}

/** Concepts that labels name, or the nodes of one. */
export interface Concepts {
  readonly concepts: readonly ConceptCount[];
  readonly nodes: readonly (LabelFacts & {
    readonly node: string;
    readonly sign: 'positive' | 'negative';
  })[];
}

/** @throws one line when the bundle has no labels */
export function labelsOf({ labels, info }: Engine): Labels {
  if (labels) return labels;
  throw new Error(
    `${info.name} has no labels; make them with circuitscope label, or choose a model that has some`,
  );
}

/** @throws one line when the bundle has no labels, or they have no such concept */
export function concepts(engine: Engine, { concept }: ConceptsRequest): Concepts {
  const labels = labelsOf(engine);
  if (concept === null) {
    const named = conceptCounts(labels, CONCEPTS).filter(({ alone, others }) => alone + others > 0);
    return { concepts: named, nodes: [] };
  }
  const nodes = nodesOfConcept(labels, concept).map(({ node, sign, label, causal }) => {
    return { node, sign, label, causal, text: labelText(labels, label) };
  });
  return { concepts: [], nodes };
}
