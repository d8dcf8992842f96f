/** What the nodes of a model mean: for each node and sign the concept that its activation tells best. */
import * as v from 'valibot';
import type { TransformerConfig } from '../transformer/config';
import { parseNode } from '../transformer/nodes';
import { BundleError, COPY_AGAIN, parseAs, parseJson } from './error';

const finite = v.pipe(v.number(), v.finite());
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const index = v.pipe(v.number(), v.integer());

const correlation = v.pipe(v.number(), v.minValue(-1), v.maxValue(1));

/** What ablating a node changes where its label holds and elsewhere, in nats a token. */
export interface Change {
  readonly where: number;
  readonly elsewhere: number;
  /** Standard error of the difference of the two. */
  readonly standardError: number;
}

/** What a node's activation of one sign tells, with its scores on windows that did not choose it. */
export interface Label {
  /** The concepts that hold: `i + 1` for the i-th of `concepts`, negative where it must not hold. */
  readonly terms: readonly number[];
  /** Magnitude of the activation from which the node counts as active. */
  readonly threshold: number;
  /** Matthews correlation of active and holding. */
  readonly correlation: number;
  readonly auroc: number;
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  /** Share of the strongest activations, one in a hundred, where it holds. */
  readonly strongest: number;
  /** Correlation of the best label that looks at the token alone. */
  readonly tokenOnly: number;
  /**
   * With the node mean-ablated: the rise of the loss, and the KL divergence of the prediction from the
   * model's; null where that was not measured.
   */
  readonly causal: {
    readonly loss: Change;
    readonly prediction: Change;
  } | null;
}

/** Format 2 says how far a label holds where its node is strongest, and what ablation does to predictions. */
export const FORMAT = 2;
const EARLIER_FORMATS = [1] as const;

/** A label as a row, which takes a third of the room of an object. */
const RowSchema = v.strictTuple([
  v.pipe(v.array(index), v.minLength(1), v.maxLength(2)),
  ...[finite, correlation, share, share, share, share, share, correlation],
  v.nullable(v.strictTuple([finite, finite, finite, finite, finite, finite])),
] as const);
type Row = v.InferOutput<typeof RowSchema>;

const FileSchema = v.strictObject({
  format: v.literal(FORMAT),
  /** What the labels were found on. */
  text: v.strictObject({
    windows: index,
    context: index,
    seed: index,
    files: index,
  }),
  /** Windows in which each node was ablated, at least; 0 where ablation was not asked of all. */
  ablations: index,
  /**
   * Lowest correlation that was accepted; node signs that were active often enough to be tried; of those
   * tried on text that is not theirs, how many labels were accepted.
   */
  accepted: v.strictObject({
    correlation: finite,
    tried: index,
    chance: v.strictObject({ tried: index, accepted: index }),
  }),
  /** Names of concepts. */
  concepts: v.array(v.string()),
  /** By node name: the labels of its positive and its negative activations. */
  nodes: v.record(v.string(), v.strictTuple([v.nullable(RowSchema), v.nullable(RowSchema)])),
});
type LabelsFile = v.InferOutput<typeof FileSchema>;

/** The labels of a node: of its positive and its negative activations. */
export interface NodeLabels {
  readonly positive?: Label;
  readonly negative?: Label;
}

/** The labels of a model. */
export interface Labels extends Omit<LabelsFile, 'nodes'> {
  readonly nodes: Readonly<Record<string, NodeLabels>>;
}

function rowOf(label: Label | undefined): Row | null {
  if (!label) return null;
  const { terms, threshold, correlation, auroc, f1, precision, recall, strongest } = label;
  const { tokenOnly, causal } = label;
  const numbers = ({ where, elsewhere, standardError }: Change) =>
    [where, elsewhere, standardError] as const;
  const cause: Row[9] = causal && [...numbers(causal.loss), ...numbers(causal.prediction)];
  const scores = [threshold, correlation, auroc, f1, precision, recall, strongest] as const;
  return [[...terms], ...scores, tokenOnly, cause];
}

function labelOf([terms, threshold, correlation, ...rest]: Row): Label {
  const [auroc, f1, precision, recall, strongest, tokenOnly, cause] = rest;
  const change = ([where, elsewhere, standardError]: readonly number[]): Change => {
    return { where, elsewhere, standardError };
  };
  const causal = cause && { loss: change(cause.slice(0, 3)), prediction: change(cause.slice(3)) };
  const scores = { threshold, correlation, auroc, f1, precision, recall, strongest };
  return { terms, ...scores, tokenOnly, causal };
}

function nodeLabels([positive, negative]: LabelsFile['nodes'][string]): NodeLabels {
  return {
    ...(positive && { positive: labelOf(positive) }),
    ...(negative && { negative: labelOf(negative) }),
  };
}

/** The labels of a node's signs, those there are. */
export function labelsOfNode({ positive, negative }: NodeLabels): Label[] {
  return [positive, negative].filter((label) => label !== undefined);
}

/** The label of such an activation of a node; null where none was accepted. */
export function labelFor({ nodes }: Labels, node: string, activation: number): Label | null {
  if (!Object.hasOwn(nodes, node)) return null;
  return nodes[node][activation < 0 ? 'negative' : 'positive'] ?? null;
}

/** A label in words, such as `inside "…" string and not first of its line`. */
export function labelText(labels: Labels, { terms }: Label): string {
  return terms
    .map((term) => (term < 0 ? 'not ' : '') + labels.concepts[Math.abs(term) - 1])
    .join(' and ');
}

/** A label holds at this share of the strongest activations, or is not told by them. */
export const AT_STRONGEST = 0.5;

/** Whether a label holds where the node is strongest too, which is what a person looks at first. */
export const holdsAtStrongest = ({ strongest }: Label): boolean => strongest >= AT_STRONGEST;

/** Whether ablating the node changes predictions where the label holds, and more than elsewhere. */
export function isCausal({ causal }: Label): boolean {
  return causal !== null && exceeds(causal.prediction);
}

/** Whether ablating the node raises the loss where the label holds, and more than elsewhere. */
export function raisesLoss({ causal }: Label): boolean {
  return causal !== null && causal.loss.where > 0 && exceeds(causal.loss);
}

/** By two standard errors, which chance passes in 2.3 % of cases. */
const exceeds = ({ where, elsewhere, standardError }: Change): boolean =>
  where - elsewhere > 2 * standardError;

/** Bytes of `labels.json`; throws a BundleError when the labels are not the config's. */
export function encodeLabels(config: TransformerConfig, labels: Labels): Uint8Array {
  check(
    config,
    labels,
    (what) => new BundleError(`labels: ${what}; pass labels made for this config`),
  );
  const rows = Object.entries(labels.nodes).map(([name, { positive, negative }]) => {
    return [name, [rowOf(positive), rowOf(negative)]] as const;
  });
  const file: LabelsFile = { ...labels, nodes: Object.fromEntries(rows) as LabelsFile['nodes'] };
  return new TextEncoder().encode(`${JSON.stringify(file)}\n`);
}

/**
 * Labels of the bytes of `labels.json`; null for those of an earlier version, which are found anew with
 * `circuitscope label`: the bundle is good without them.
 * @throws BundleError when they do not fit
 */
export function decodeLabels(
  config: TransformerConfig,
  bytes: Uint8Array,
  file: string,
): Labels | null {
  const value = parseJson(bytes, file);
  if (v.is(v.object({ format: v.picklist(EARLIER_FORMATS) }), value)) return null;
  const parsed = parseAs(FileSchema, value, file);
  const nodes = Object.entries(parsed.nodes).map(
    ([name, rows]) => [name, nodeLabels(rows)] as const,
  );
  const labels: Labels = { ...parsed, nodes: Object.fromEntries(nodes) };
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
      throw misfit(`${name} is not a node of the model`);
    }
    for (const label of labelsOfNode(signs)) {
      const known = (term: number) => term !== 0 && Math.abs(term) <= concepts.length;
      if (!label.terms.every(known)) throw misfit(`${name} has an unknown concept`);
    }
  }
}
