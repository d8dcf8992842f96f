/** Labels of a model, made up. */
import type { Label, Labels } from '../../models/bundles/labels';

/** A label of some concepts, by their places from 1; negative where one must not hold. */
export function sampleLabel(terms: readonly number[], causal: Label['causal'] = null): Label {
  return {
    ...{ terms, threshold: 1, correlation: 0.6, auroc: 0.9, f1: 0.7 },
    ...{ precision: 0.8, recall: 0.62, strongest: 0.9, tokenOnly: 0.4, causal },
  };
}

/** Labels of some nodes. */
export function sampleLabels(concepts: readonly string[], nodes: Labels['nodes']): Labels {
  return {
    ...{ format: 2, text: { windows: 2, context: 12, seed: 1, files: 1 }, ablations: 1 },
    accepted: { correlation: 0.3, tried: 9, chance: { tried: 3, accepted: 0 } },
    ...{ concepts: [...concepts], nodes },
  };
}
