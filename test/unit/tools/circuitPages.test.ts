/** What the pages on circuits say is what the commands beside them printed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { proofsOf, readCircuit } from '../../../models/circuits/file/circuitFile';
import { judge } from '../../../models/circuits/file/criteria';
import { readPredictions } from '../../../models/stress/predictions';
import { ruleOf } from '../../../models/stress/rules';
import type { OrdinaryResult } from '../../../models/stress/agreement';
import type { StressResult } from '../../../models/stress/run';

const FOLDER = join('docs', 'circuits');
const PAGES = ['closing-a-string', 'nesting-depth', 'type-of-a-variable'];
const text = (...path: string[]) => readFileSync(join(FOLDER, ...path), 'utf8');
interface Results {
  readonly bundle: { readonly hash: string };
  readonly rules: readonly OrdinaryResult[];
  readonly results: readonly StressResult[];
}
const resultsOf = (page: string) => JSON.parse(text(page, 'results.json')) as Results;

const circuitOf = (task: string) =>
  readCircuit(join('models', 'bundles', 'python-sparse', 'circuits', `${task}.json`));

/** Shares that the proof of a task's circuit has measured, and the nodes of each set. */
function measuredOf(task: string): string[] {
  const { measurements } = circuitOf(task).proof!;
  return measurements.flatMap(({ share, nodes }) => [percent(share), String(nodes)]);
}

/** Every whole number of a text, without its sign: a part of one is another. */
const numbersIn = (of: string) =>
  (of.match(/\d[\d,]*(\.\d+)?( %)?/g) ?? []).map((number) => number.replace(/,/g, ''));

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const threshold = (value: number | null) => value?.toFixed(1) ?? 'never';
const correlation = (value: number | null) =>
  value === null ? 'none' : `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
const cells = (line: string) => line.split('|').slice(1, -1).map((cell) => cell.trim()); // prettier-ignore

describe.each(PAGES)('%s', (page) => {
  const { bundle, rules, results } = resultsOf(page);

  it('is of the model that ships', () => {
    const file = join('models', 'bundles', 'python-sparse', 'bundle.json');
    const { hash } = JSON.parse(readFileSync(file, 'utf8')) as { hash: string };
    expect(bundle.hash).toBe(hash);
    expect(text(page, 'explained.md')).toContain(`python-sparse ${hash.slice(0, 12)}`);
  });

  it('has a row for each family that was predicted, with what was measured', () => {
    const predictions = readPredictions(join(FOLDER, 'predictions', `${page}.jsonl`));
    const rows = text(`${page}.md`).split('\n').filter((line) => line.startsWith('| `')).map(cells); // prettier-ignore
    expect(rows).toEqual(
      results.map(({ family, threshold: at, held, correlation: with_, rule }) => [
        `\`${family}\``,
        ...[threshold(at.predicted), threshold(at.measured), percent(held)],
        ...[correlation(with_.error), correlation(with_.margin)],
        ...[percent(rule!.rule), percent(rule!.truth)],
        rule!.errors === null ? 'no errors' : percent(rule!.errors),
      ]),
    );
    expect(results.map(({ family, node, threshold: at }) => [family, node, at.predicted])).toEqual(
      predictions.map(({ family, node, threshold: at }) => [family.name, node, at]),
    );
    for (const { prompts, points } of results) {
      expect(prompts).toBeGreaterThanOrEqual(200);
      expect(points.reduce((sum, point) => sum + point.prompts, 0)).toBe(prompts);
    }
  });

  it('explains the circuit by the proof that ships, and by its weights', () => {
    const circuit = circuitOf(rules[0].task);
    const { words } = judge(proofsOf(circuit));
    const explained = text(page, 'explained.md');
    expect(explained).toContain(`Proof: ${words}\n`);
    const { edges, allEdges } = circuit;
    expect(text(`${page}.md`)).toContain(
      `${edges.length} of the ${allEdges} weights between its nodes`,
    );
  });

  it('draws only what there is', () => {
    const drawn = [...text(`${page}.md`).matchAll(/\]\(([^)]+\.svg)\)/g)].map(([, path]) => path);
    const files = readdirSync(join(FOLDER, page)).map((name) => `${page}/${name}`);
    expect(drawn.length).toBeGreaterThanOrEqual(3);
    for (const path of drawn) expect(files).toContain(path);
  });

  it('says no number that the commands did not print', () => {
    const sources = `${text(page, 'explained.md')} ${text('predictions', `${page}.jsonl`)} ${rules.map(({ words }) => words).join(' ')}`;
    const measured = [
      ...results.flatMap(({ held, rule, correlation: with_, points }) => [
        ...[percent(held), percent(rule!.rule), percent(rule!.truth)],
        ...[rule!.errors === null ? '' : percent(rule!.errors)],
        ...[with_.error, with_.margin].map(correlation),
        ...points.map(({ right }) => percent(right).replace('.0 %', ' %')),
      ]),
      ...results.flatMap(({ threshold: at }) => [threshold(at.measured), threshold(at.predicted)]),
      ...rules.flatMap(({ rule, truth }) => [percent(rule), percent(truth)]),
      ...rules.flatMap(({ task, prompts }) => [...measuredOf(task), String(prompts)]),
    ].join(' ; ');
    // Tables have a test of their own; names of nodes and heads are no measurements.
    const prose = text(`${page}.md`)
      .split('\n')
      .filter((line) => !line.startsWith('|') && !line.startsWith('!'))
      .join('\n')
      .replace(/`\d\.(attn|mlp)\.[^`]+`/g, '')
      .replace(/heads? \d\.\d+('s)?( and \d\.\d+)?/gi, '');
    const known = new Set(numbersIn(`${sources} ; ${measured}`));
    const numbers = numbersIn(prose);
    expect(numbers.length).toBeGreaterThan(10);
    expect(numbers.filter((number) => !known.has(number))).toEqual([]);
  });

  it('has the rule in its own words', () => {
    for (const { task, words } of rules) {
      expect(ruleOf(task)!.words).toBe(words);
      expect(text(`${page}.md`)).toContain(`_${words}_`);
    }
  });
});

it('sums up in the table of the first page', () => {
  const of = (page: string) => {
    const { results, rules } = resultsOf(page);
    const all = results.reduce((sum, { prompts }) => sum + prompts, 0);
    const mean = (share: (result: StressResult) => number) =>
      percent(results.reduce((sum, one) => sum + one.prompts * share(one), 0) / all);
    const outcomes = results.filter(({ threshold: at }) => (at.predicted === null) === (at.measured === null)); // prettier-ignore
    return [
      String(all),
      mean(({ held }) => held),
      mean(({ rule }) => rule!.truth),
      mean(({ rule }) => rule!.rule),
      percent(rules[0].rule),
      `${outcomes.length} of ${results.length}`,
    ];
  };
  const rows = text('README.md').split('\n').filter((line) => line.startsWith('|')).map(cells).slice(2); // prettier-ignore
  const columns = PAGES.map(of);
  expect(rows.map(([, ...values]) => values)).toEqual(
    columns[0].map((_, row) => columns.map((column) => column[row])),
  );
});
