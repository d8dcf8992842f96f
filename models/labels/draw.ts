/** Labels drawn at random, each with tokens where its node is strongest and as usual, for a person to judge. */
import { examplesOf, type ExampleGroup, type Examples } from '../bundles/examples';
import type { Labels } from '../bundles/labels';
import { Rng } from '../random';
import type { TransformerConfig } from '../transformer/config';
import { parseNode, siteName } from '../transformer/nodes';
import { everyLabel, type ConceptNode } from './byConcept';

/** A label, and where its node has that sign in held-out text. */
export interface DrawnLabel extends ConceptNode {
  /** The strongest, then those around percentiles; none of a bundle without examples. */
  readonly examples: readonly ExampleGroup[];
}

/** As many labels as asked, or all there are, each as likely as any other; the same for the same seed. */
export function drawLabels(
  {
    config,
    labels,
    examples,
  }: {
    readonly config: TransformerConfig;
    readonly labels: Labels;
    readonly examples: Examples | null;
  },
  count: number,
  seed: number,
): DrawnLabel[] {
  const rng = new Rng('labels to read', seed);
  const rest = everyLabel(labels);
  const drawn: DrawnLabel[] = [];
  while (drawn.length < count && rest.length > 0) {
    const [one] = rest.splice(rng.int(rest.length), 1);
    const { layer, site, index } = parseNode(one.node, config);
    const found = examples && examplesOf(examples, config.context, siteName(layer, site), index);
    drawn.push({ ...one, examples: found?.[one.sign] ?? [] });
  }
  return drawn;
}
