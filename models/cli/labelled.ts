/** Nodes with their labels, as commands print them. */
import { isCausal, labelFor, labelText, type Label, type Labels } from '../bundles/labels';

/** A node with its label for such an activation; null where none was accepted, absent in a bundle without labels. */
export type Labelled<T> = T & { label?: NodeLabel | null };

/** What a node tells, and how well on text that did not choose it. */
interface NodeLabel {
  text: string;
  correlation: number;
  auroc: number;
  f1: number;
  /** Whether ablation confirms it; null where that was not measured. */
  confirmed: boolean | null;
}

/** The nodes with their labels, where the bundle has any. */
export function labelled<T extends { readonly node: string; readonly activation: number }>(
  nodes: readonly T[],
  labels: Labels | null,
): Labelled<T>[] {
  if (!labels) return [...nodes];
  return nodes.map((one) => {
    const label = labelFor(labels, one.node, one.activation);
    return { ...one, label: label && nodeLabel(labels, label) };
  });
}

function nodeLabel(labels: Labels, label: Label): NodeLabel {
  const { correlation, auroc, f1, causal } = label;
  const confirmed = causal && isCausal(label);
  return { text: labelText(labels, label), correlation, auroc, f1, confirmed };
}
