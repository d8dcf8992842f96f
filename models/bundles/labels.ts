/** What the nodes of a model mean: for each node and sign the concept that its activation tells best. */
import * as v from 'valibot';
import type { TransformerConfig } from '../transformer/config';
import { parseNode } from '../transformer/nodes';
import { BundleError, COPY_AGAIN, parseAs, parseJson } from './error';

const finite = v.pipe(v.number(), v.finite());
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const index = v.pipe(v.number(), v.integer());

const LabelSchema = v.strictObject({
  /** The concepts that hold: `i + 1` for the i-th of `concepts`, negative where it must not hold. */
  terms: v.pipe(v.array(index), v.minLength(1), v.maxLength(2)),
  /** Magnitude of the activation from which the node counts as active. */
  threshold: finite,
  /** On windows that did not choose the label: Matthews correlation of active and holding. */
  correlation: v.pipe(v.number(), v.minValue(-1), v.maxValue(1)),
  auroc: share,
  f1: share,
  precision: share,
  recall: share,
  /** Correlation of the best label that looks at the token alone. */
  tokenOnly: v.pipe(v.number(), v.minValue(-1), v.maxValue(1)),
  /** Rise of the loss (nats a token) where it holds and elsewhere, with the node mean-ablated. */
  causal: v.nullable(v.strictObject({ where: finite, elsewhere: finite, standardError: finite })),
});

const LabelsSchema = v.strictObject({
  format: v.literal(1),
  /** What the labels were found on. */
  text: v.strictObject({
    windows: index,
    context: index,
    seed: index,
    files: index,
  }),
  /** Lowest correlation that was accepted, and the share of accepted labels that chance alone would give. */
  accepted: v.strictObject({ correlation: finite, falseDiscovery: finite }),
  /** Names of concepts. */
  concepts: v.array(v.string()),
  /** By node name: of its positive and its negative activations. */
  nodes: v.record(
    v.string(),
    v.strictObject({ positive: v.optional(LabelSchema), negative: v.optional(LabelSchema) }),
  ),
});

/** A label with its scores. */
export type Label = v.InferOutput<typeof LabelSchema>;
/** The labels of a model. */
export type Labels = v.InferOutput<typeof LabelsSchema>;

/** The labels of a node's signs, those there are. */
export function labelsOfNode({ positive, negative }: Labels['nodes'][string]): Label[] {
  return [positive, negative].filter((label) => label !== undefined);
}

/** A label in words, such as `inside "…" string and not first of its line`. */
export function labelText(labels: Labels, { terms }: Label): string {
  return terms
    .map((term) => (term < 0 ? 'not ' : '') + labels.concepts[Math.abs(term) - 1])
    .join(' and ');
}

/** Whether ablating the node raises the loss where the label holds, and more than elsewhere. */
export function isCausal({ causal }: Label): boolean {
  return (
    causal !== null &&
    causal.where > 0 &&
    causal.where - causal.elsewhere > 2 * causal.standardError
  );
}

/** Bytes of `labels.json`; throws a BundleError when the labels are not the config's. */
export function encodeLabels(config: TransformerConfig, labels: Labels): Uint8Array {
  check(config, labels, (what) => new BundleError(`labels: ${what}; pass those of the config`));
  return new TextEncoder().encode(`${JSON.stringify(labels)}\n`);
}

/** Labels of the bytes of `labels.json`; throws a BundleError when they do not fit. */
export function decodeLabels(config: TransformerConfig, bytes: Uint8Array, file: string): Labels {
  const labels = parseAs(LabelsSchema, parseJson(bytes, file), file);
  check(config, labels, (what) => new BundleError(`${file}: ${what}; ${COPY_AGAIN}`));
  return labels;
}

function check(
  config: TransformerConfig,
  { concepts, nodes }: Labels,
  misfit: (what: string) => BundleError,
): void {
  for (const [name, signs] of Object.entries(nodes)) {
    try {
      parseNode(name, config);
    } catch {
      throw misfit(`${name} is no node of the model`);
    }
    for (const label of labelsOfNode(signs)) {
      const known = (term: number) => term !== 0 && Math.abs(term) <= concepts.length;
      if (!label.terms.every(known)) throw misfit(`${name} has a concept without a name`);
    }
  }
}
