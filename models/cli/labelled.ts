/** Nodes with their labels, as commands print them. */
import { isCausal, labelFor, labelText, type Label, type Labels } from '../bundles/labels';
import { byWeights } from '../labels/explain/byWeights';
import { rendered } from '../labels/explain/sentence';
import type { GivenLabels } from '../labels/given';
import type { Runtime } from '../runtime/runtime';
import { quoted } from './ownLabels';
import { tokenPiece } from '../labels/explain/tokenPiece';

/** A node with its label for such an activation; null where none was accepted, absent in a bundle without labels. */
export type Labelled<T> = T & {
  label?: NodeLabel | null;
  /** Of a node without one, the tokens that its weights read and raise most, where they name any. */
  about?: string;
  /** What a person calls it. */
  own?: string;
};

/** A node's label, and its scores on text that was not used to choose it. */
interface NodeLabel {
  text: string;
  correlation: number;
  auroc: number;
  f1: number;
  /** Whether ablation changes predictions there most; null where that was not measured. */
  confirmed: boolean | null;
}

/** Nodes from the first on whose weights are asked where there is no label: a list may have them all. */
const ASKED = 100;

/** The nodes with all that is known of them. */
export async function labelled<T extends { readonly node: string; readonly activation: number }>(
  runtime: Runtime,
  nodes: readonly T[],
  own: GivenLabels,
): Promise<Labelled<T>[]> {
  const labels = await runtime.labels();
  const rows: Labelled<T>[] = [];
  for (const [i, one] of nodes.entries()) {
    const { node, activation } = one;
    const given = own.get(node);
    const label = labels && labelFor(labels, node, activation);
    const about = label || i >= ASKED ? '' : await aboutOf(runtime, node, activation);
    rows.push({
      ...one,
      ...(labels && { label: label && nodeLabel(labels, label) }),
      ...(about !== '' && { about }),
      ...(given !== undefined && { own: given }),
    });
  }
  return rows;
}

/** What stands in a table for a node: a person's label, the model's, or what its weights say. */
export function knownText({ own, label, about }: Labelled<unknown>): string {
  return own !== undefined ? quoted(own) : (label?.text ?? about ?? 'no label');
}

async function aboutOf(runtime: Runtime, node: string, activation: number): Promise<string> {
  const about = byWeights(await runtime.facts(node, 1), activation, (id) =>
    tokenPiece(runtime.info, id),
  );
  const code = (text: string) => `'${text}'`;
  return rendered(about ? [about] : [], { words: (text) => text, code, node: ({ text }) => text });
}

function nodeLabel(labels: Labels, label: Label): NodeLabel {
  const { correlation, auroc, f1, causal } = label;
  const confirmed = causal && isCausal(label);
  return { text: labelText(labels, label), correlation, auroc, f1, confirmed };
}

/** All that is known of a label, in words where its file has numbers. */
export function labelJson(labels: Labels, label: Label) {
  const { terms, threshold, precision, recall, strongest, tokenOnly, causal } = label;
  return {
    ...nodeLabel(labels, label),
    terms: terms.map((term) => ({
      concept: labels.concepts[Math.abs(term) - 1],
      holds: term > 0,
    })),
    ...{ threshold, precision, recall, strongest, tokenOnly },
    /** What ablating the node changes where the label holds and elsewhere, nats a token. */
    ablated: causal,
  };
}
