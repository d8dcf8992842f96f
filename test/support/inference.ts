/** The inference graph and the reference on the same sequences, in one form. */
import { siteWidth, type TransformerConfig } from '../../models/transformer/config';
import { addInput, keepInput } from '../../models/transformer/graphs';
import { allSites } from '../../models/transformer/nodes';
import type { Weights } from '../../models/transformer/parameters';
import { array, expectClose, sizeOf, type NdArray } from './arrays';
import type { Feeds } from './evaluate';
import { referenceForward, type ReferenceIntervention, type Rows } from './reference';

/** Interventions on one sequence, by site name. */
export type Interventions = Readonly<Record<string, ReferenceIntervention>>;

/** An array of a shape with one number everywhere. */
export function filled(shape: readonly number[], value: number): NdArray {
  return array(shape, new Float64Array(sizeOf(shape)).fill(value));
}

/** Rows [pos][node] of several sequences as [batch, pos, node]. */
export function stack(sequences: readonly (readonly ArrayLike<number>[])[]): NdArray {
  const data = sequences.flatMap((rows) => rows.flatMap((row) => Array.from(row)));
  return array([sequences.length, sequences[0].length, sequences[0][0].length], data);
}

/** What the graph is fed without interventions: tokens [batch][pos], and predictions everywhere. */
export function plainFeeds(
  config: TransformerConfig,
  tokens: readonly (readonly number[])[],
): Record<string, NdArray> {
  const positions = [...tokens[0].keys()];
  const feeds: Record<string, NdArray> = {
    tokens: array([tokens.length, positions.length], tokens.flat()),
    index: array([positions.length], positions),
    read: array([positions.length], positions),
  };
  for (const { name, site } of allSites(config)) {
    feeds[keepInput(name)] = filled([1, 1, siteWidth(config, site)], 1);
    feeds[addInput(name)] = filled([1, 1, siteWidth(config, site)], 0);
  }
  return feeds;
}

/** The same with one set of interventions a sequence. */
export function intervenedFeeds(
  config: TransformerConfig,
  tokens: readonly (readonly number[])[],
  interventions: readonly Interventions[],
): Feeds {
  const feeds = plainFeeds(config, tokens);
  for (const { name, site } of allSites(config)) {
    if (interventions.every((set) => !(name in set))) continue;
    const same = (value: number) => tokens[0].map(() => Array(siteWidth(config, site)).fill(value));
    feeds[keepInput(name)] = stack(interventions.map((set) => set[name]?.keep ?? same(1)));
    feeds[addInput(name)] = stack(interventions.map((set) => set[name]?.add ?? same(0)));
  }
  return feeds;
}

/** Log-softmax of each row of logits, in nats. */
export function logProbabilities(logits: Rows): Rows {
  return logits.map((row) => {
    const top = Math.max(...row);
    const sum = row.reduce((total, logit) => total + Math.exp(logit - top), 0);
    return row.map((logit) => logit - top - Math.log(sum));
  });
}

/**
 * Fails unless the graph's outputs are what the reference makes of each sequence by itself: every
 * site in the order of computation, so that the first failure is where the difference arises, then
 * the log-probabilities.
 */
export function expectReference(
  config: TransformerConfig,
  weights: Weights,
  tokens: readonly (readonly number[])[],
  interventions: readonly Interventions[],
  outputs: Readonly<Record<string, NdArray>>,
  tolerance: number,
): void {
  const expected = tokens.map((row, i) => referenceForward(config, weights, row, interventions[i]));
  for (const { name } of allSites(config)) {
    const rows = stack(expected.map(({ sites }) => sites.get(name)!));
    expectClose(outputs[name], rows, tolerance, name);
  }
  const logprobs = stack(expected.map(({ logits }) => logProbabilities(logits)));
  expectClose(outputs.logprobs, logprobs, tolerance, 'logprobs');
}

/** Log-probabilities of logits, over the last axis. */
export function logSoftmax({ shape, data }: NdArray): NdArray {
  const width = shape.at(-1)!;
  const out = data.slice();
  for (let at = 0; at < data.length; at += width) {
    const row = out.subarray(at, at + width);
    const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const sum = Math.log(row.reduce((total, x) => total + Math.exp(x - top), 0));
    row.forEach((x, i) => (row[i] = x - top - sum));
  }
  return array(shape, out);
}
