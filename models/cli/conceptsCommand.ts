/** `circuitscope concepts`: the labels of a bundle looked up by concept. */
import { readBundle } from '../bundles/bundle';
import type { Example, ExampleGroup } from '../bundles/examples';
import { labelText, type Labels } from '../bundles/labels';
import { conceptCounts, nodesOfConcept, type ConceptNode } from '../labels/byConcept';
import { CONCEPTS } from '../labels/concepts';
import { drawLabels, type DrawnLabel } from '../labels/draw';
import { describeNode, parseNode } from '../transformer/nodes';
import type { TransformerConfig } from '../transformer/config';
import { Tokenizer } from '../tokenizer/tokenizer';
import { parseOptions, print, printJson, UsageError, wholeNumber, type Command } from './command';
import { table } from './format';
import { labelJson } from './labelled';
import { bundleDir, bundleOption } from './places';

const options = {
  ...bundleOption,
  draw: { type: 'string' },
  seed: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export const concepts: Command = {
  summary: 'list the nodes whose label names a concept of Python text',
  help: `circuitscope concepts [CONCEPT] [options]
circuitscope concepts --draw N [--seed S] [options]

Without CONCEPT, lists every concept with the number of labels that name it. With CONCEPT, lists the nodes
whose label names it, labels of this concept alone first: the sign of the activation, the whole label, its
scores on text that was not used to choose it, and whether ablating the node changes predictions there more
than elsewhere.

With --draw, prints random labels with examples from held-out text, where their nodes are strongest and
around the 99th, 90th and 50th percentile of activation, so that a person can judge how many are right.

  --draw N           print N random labels
  --seed S           seed of --draw, 1 by default
  --bundle NAME|DIR  model, python-sparse by default
  --json             print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('concepts', args, options);
    if (positionals.length > 1) {
      throw new UsageError('concepts takes one concept; put its name in quotes');
    }
    if (values.draw === undefined ? values.seed !== undefined : positionals.length > 0) {
      throw new UsageError(
        'concepts: give --draw or a concept, not both, and --seed only with --draw',
      );
    }
    const seed = wholeNumber('--seed', values.seed ?? '1', 0);
    const draw = values.draw === undefined ? null : wholeNumber('--draw', values.draw, 1);
    const dir = bundleDir(values.bundle);
    const { config, labels, examples, tokenizerJson } = readBundle(dir);
    if (!labels) {
      throw new Error(`${dir} has no labels; make them with circuitscope label ${values.bundle}`);
    }
    const known = ({ node, sign, label }: ConceptNode) => {
      return { node, sign, label: labelJson(labels, label) };
    };
    if (draw !== null) {
      const tokenizer = Tokenizer.fromJson(tokenizerJson);
      const drawn = drawLabels({ config, labels, examples }, draw, seed);
      if (values.json) {
        const parts = (one: Example) => exampleParts(one, (id) => tokenizer.text(id) ?? '\ufffd');
        const told = ({ percentile, examples }: ExampleGroup) =>
          examples.map((one) => ({ percentile, activation: one.activation, ...parts(one) }));
        printJson(drawn.map((one) => ({ ...one, examples: one.examples.flatMap(told) })));
      } else {
        const texts = (id: number) => tokenizer.tokenText(id);
        print(readableDraw(drawn, labels, (one) => shownExample(exampleParts(one, texts))));
      }
      return;
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
    if (values.json) printJson(found.map(known));
    else if (found.length === 0) print(`no label names the concept ${JSON.stringify(concept)}`);
    else print(readable(found, labels, config));
  },
};

const groupName = ({ percentile }: ExampleGroup): string =>
  percentile === null ? 'strongest' : `around the ${percentile}th percentile`;

/** Tokens on either side of an example. */
const AROUND = 6;

/** The token of an example, with what stands around it. */
function exampleParts({ tokens, at }: Example, textOf: (id: number) => string) {
  const text = (from: number, to: number) =>
    Array.from(tokens.slice(Math.max(0, from), to), textOf).join('');
  return {
    before: text(at - AROUND, at),
    token: text(at, at + 1),
    after: text(at + 1, at + 1 + AROUND),
  };
}

/** An example on one line, its token between guillemets. */
const shownExample = ({ before, token, after }: ReturnType<typeof exampleParts>): string =>
  `${before}«${token}»${after}`;

function readableDraw(
  drawn: readonly DrawnLabel[],
  labels: Labels,
  shown: (one: Example) => string,
): string {
  return drawn
    .map(({ node, sign, label, examples }) => {
      const scores = [label.correlation, label.f1, label.strongest].map((score) =>
        score.toFixed(2),
      );
      const name = `${node} ${sign === 'positive' ? '+' : '−'}  ${labelText(labels, label)}`;
      const numbers = `correlation ${scores[0]}, F1 ${scores[1]}, at its strongest ${scores[2]}`;
      const groups = examples.flatMap((group) => [
        `  ${groupName(group)}`,
        ...group.examples.map((one) => `    ${shown(one)}`),
      ]);
      return [`${name}  (${numbers})`, ...groups].join('\n');
    })
    .join('\n\n');
}

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
    label.causal === null ? 'not measured' : causal ? 'yes' : 'no',
  ]);
  const head = ['node', 'name', 'sign', 'label', 'correlation', 'AUROC', 'F1', 'precision', 'recall', 'confirmed by ablation']; // prettier-ignore
  return table([head, ...rows]);
}
