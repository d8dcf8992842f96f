/** `circuitscope concepts`: the labels of a bundle the other way, from a concept to its nodes. */
import { readBundle } from '../bundles/bundle';
import { labelText, type Labels } from '../bundles/labels';
import { conceptCounts, nodesOfConcept } from '../labels/byConcept';
import { CONCEPTS } from '../labels/concepts';
import { describeNode, parseNode } from '../transformer/nodes';
import type { TransformerConfig } from '../transformer/config';
import { parseOptions, print, printJson, UsageError, type Command } from './command';
import { table } from './format';
import { bundleDir, bundleOption } from './places';

const options = { ...bundleOption, json: { type: 'boolean', default: false } } as const;

export const concepts: Command = {
  summary: 'which nodes tell a concept of Python text',
  help: `circuitscope concepts [CONCEPT] [options]

Without a concept, every one with the number of labels that name it. With one, the nodes whose label
names it, those of it alone first: their sign, the whole label, its scores on text that did not choose
it, and whether ablation confirms it.

  --bundle NAME|DIR  model, python-sparse by default
  --json             print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('concepts', args, options);
    if (positionals.length > 1) {
      throw new UsageError('concepts takes one concept; put its name between quotes');
    }
    const dir = bundleDir(values.bundle);
    const { config, labels } = readBundle(dir);
    if (!labels) {
      throw new Error(`${dir} has no labels; make them with circuitscope label ${values.bundle}`);
    }
    const [concept] = positionals;
    if (concept === undefined) {
      const counts = conceptCounts(labels, CONCEPTS);
      if (values.json) printJson(counts);
      else {
        const rows = counts.map(({ concept, alone, others }) => [concept, alone, others]);
        print(table([['concept', 'alone', 'with others'], ...rows]));
      }
      return;
    }
    const found = nodesOfConcept(labels, concept);
    if (values.json) printJson(found);
    else if (found.length === 0) print(`no label names ${JSON.stringify(concept)}`);
    else print(readable(found, labels, config));
  },
};

function readable(
  found: ReturnType<typeof nodesOfConcept>,
  labels: Labels,
  config: TransformerConfig,
): string {
  const rows = found.map(({ node, sign, label, causal }) => [
    describeNode(parseNode(node, config), config),
    node,
    sign === 'positive' ? '+' : '−',
    labelText(labels, label),
    ...[label.correlation, label.auroc, label.f1].map((value) => value.toFixed(2)),
    ...[label.precision, label.recall].map((value) => value.toFixed(2)),
    label.causal === null ? 'not asked' : causal ? 'yes' : 'no',
  ]);
  const head = ['node', 'name', 'sign', 'label', 'correlation', 'AUROC', 'F1', 'precision', 'recall', 'confirmed']; // prettier-ignore
  return table([head, ...rows]);
}
