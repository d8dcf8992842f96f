/** `circuitscope stress`: predictions of where a model errs, set beside what it does. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readBundle } from '../bundles/bundle';
import { writeFilesAtomic } from '../files';
import { readJson } from '../input';
import { DEFAULT_THREADS, ENGINE_CHOICES } from '../engines/engineChoice';
import { Model } from '../inference/model';
import { Sessions } from '../engines/sessions';
import { ordinary, type Agreement, type OrdinaryResult } from '../stress/agreement';
import { families } from '../stress/families';
import { stressFigure } from '../stress/figure';
import { readPredictions } from '../stress/predictions';
import { stress as strained, type StressResult } from '../stress/run';
import { PythonParser } from '../syntax/parser';
import { Tokenizer } from '../tokenizer/tokenizer';
import { parseNode } from '../transformer/nodes';
import {
  parseOptions,
  print,
  printJson,
  refuseOptions,
  showProgress,
  UsageError,
  wholeNumber,
  type Command,
} from './command';
import { percent, table } from './format';
import { checkOutFolder, keepResult } from './outFile';
import { bundleDir, ENGINE_HELP, runtimeOptions } from './places';

const options = {
  ...runtimeOptions,
  list: { type: 'boolean', default: false },
  prompts: { type: 'string', default: '40' },
  seed: { type: 'string', default: '1' },
  out: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;
const MOST_PROMPTS = 2000;
/** Options of a measurement, which `--list` does without. */
const MEASURING = ['--prompts', '--seed', '--out', '--bundle', '--engine'];
/** Pairs of a task on which its rule is set beside the model. */
const ORDINARY_PAIRS = 100;

export const stress: Command = {
  summary: 'test predictions of where the model errs',
  help: `circuitscope stress FILE [options]
circuitscope stress --list

Tests predictions of where the model errs. Prompts come in families; within a family the number of one thing
grows (brackets in a comment, lines in a string, …), and FILE predicts the model's answer at each number.
Prints the share of prompts that were answered as predicted, the number at which half of the prompts are
answered wrongly, and the correlation of the deciding node's activation with the error. Also compares the
model's answers with those of a rule of a few lines, one for each circuit, on these prompts and on 100 pairs
of the circuit's task.

FILE has JSON lines. One line for each family names the node that decides, and the number from which the
model errs (null: never):
{"family": "brackets_in_comment", "node": "3.mlp.act_in.7", "threshold": 2.5, "because": "…"}
One line for each number has the predicted answer:
{"family": "brackets_in_comment", "parameter": 3, "answer": "]]"}

  --list             list the families, what they count and their answers; needs no model
  --prompts N        prompts for each number, 40 by default
  --seed S           seed of the prompts, 1 by default
  --out FOLDER       folder to write results.json and charts to
  --bundle NAME|DIR  model, python-sparse by default
${ENGINE_HELP}
  --json             print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('stress', args, options);
    if (values.list) {
      if (positionals.length > 0) throw new UsageError('stress --list takes no file');
      refuseOptions('stress', args, MEASURING, '--list measures nothing');
      if (values.json) printJson(families);
      else print(listed());
      return;
    }
    if (positionals.length !== 1) {
      throw new UsageError('usage: circuitscope stress FILE, or stress --list for the families');
    }
    const engine = ENGINE_CHOICES.find((choice) => choice === values.engine);
    if (!engine) {
      throw new UsageError(
        `--engine ${values.engine}: the engines are ${ENGINE_CHOICES.join(', ')}`,
      );
    }
    const prompts = wholeNumber('--prompts', values.prompts, 2, MOST_PROMPTS);
    const seed = wholeNumber('--seed', values.seed, 0);
    const predictions = readPredictions(positionals[0]);
    if (values.out !== undefined) {
      const figures = predictions.map(({ family }) => family.figure);
      checkStressFolder(values.out, figures);
    }
    const { hash, name, config, weights, tokenizerJson } = readBundle(bundleDir(values.bundle));
    for (const { node } of predictions) parseNode(node, config);
    const tokenizer = Tokenizer.fromJson(tokenizerJson);
    const note = () => undefined;
    const sessions = new Sessions({ engine, threads: DEFAULT_THREADS, hash, weights, note });
    const parser = await PythonParser.load();
    const model = await Model.load(config, weights, sessions);
    const results: StressResult[] = [];
    const rules: OrdinaryResult[] = [];
    try {
      const asked = { model, config, tokenizer };
      for (const prediction of predictions) {
        const result = await strained(prediction, {
          ...{ ...asked, parser, prompts, seed },
          onProgress: (family, done, total) => {
            showProgress(`${family}:`, done, total);
          },
        });
        results.push(result);
      }
      for (const task of new Set(predictions.map(({ family }) => family.task))) {
        const { node } = predictions[0];
        const found = await ordinary(task, asked, parser, { pairs: ORDINARY_PAIRS, seed, node });
        if (found) rules.push(found);
      }
    } finally {
      await parser.release();
      await model.release();
    }
    const report = { bundle: { name, hash }, seed, rules, results };
    if (values.out !== undefined) write(values.out, report);
    if (values.json) printJson(report);
    else print([...results.map(readable), ...rules.map(readableRule)].join('\n\n'));
  },
};

function listed(): string {
  return families
    .map(
      ({ name, description, parameter, least, most, right, wrong }) =>
        `${name}\n    ${description}\n    ${least} to ${most} ${parameter}; right: ${JSON.stringify(right)}, wrong: ${JSON.stringify(wrong)}`,
    )
    .join('\n');
}

const RESULTS = 'results.json';

/** Checks that results can be written to a folder and replace nothing but earlier ones. */
function checkStressFolder(folder: string, figures: readonly string[]): void {
  checkOutFolder(folder);
  if (isStressFile(join(folder, RESULTS))) return;
  const names = [RESULTS, ...figures.map((figure) => `${figure}.svg`)];
  const foreign = names.find((name) => existsSync(join(folder, name)));
  if (foreign === undefined) return;
  throw new UsageError(
    `--out ${folder} has a ${foreign} that stress did not write; give another folder`,
  );
}

function isStressFile(file: string): boolean {
  try {
    const { bundle, rules, results } = readJson(file) as Record<string, unknown>;
    return bundle !== undefined && Array.isArray(rules) && Array.isArray(results);
  } catch {
    return false;
  }
}

function write(folder: string, report: { readonly results: readonly StressResult[] }): void {
  const text = `${JSON.stringify(report, short, 1)}\n`;
  keepResult(join(folder, RESULTS), text, () => {
    writeAll(folder, text, report.results);
  });
}

function writeAll(folder: string, text: string, results: readonly StressResult[]): void {
  const figures = [...new Set(results.map((result) => result.figure))].map((figure) => {
    const own = results.filter((result) => result.figure === figure);
    return [join(folder, `${figure}.svg`), stressFigure(own)] as const;
  });
  mkdirSync(folder, { recursive: true });
  writeFilesAtomic(new Map([[join(folder, RESULTS), text], ...figures]));
}

/** As many digits as say something. */
function short(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}

function readable(result: StressResult): string {
  const { family, description, counts, node, threshold, held, correlation, points, rule } = result;
  const number = (value: number | null, none: string) => value?.toFixed(2) ?? none;
  return [
    `${family}: ${description}`,
    table([
      [counts, 'predicted', 'answered', 'right', 'nats', node],
      ...points.map(({ parameter, predicted, answered, right, margin, activation }) => [
        ...[parameter, predicted, answered],
        ...[percent(right), margin.toFixed(2), activation.toFixed(2)],
      ]),
    ]),
    `answered as predicted: ${percent(held).trim()} of ${result.prompts} prompts`,
    `errs from: predicted ${number(threshold.predicted, 'never')}, measured ${number(threshold.measured, 'never')}`,
    ...(rule ? [agreementText(rule)] : []),
    `correlation of ${node} with the error ${number(correlation.error, 'none')}, with the log-odds ${number(correlation.margin, 'none')}`,
  ].join('\n');
}

function agreementText({ rule, truth, errors }: Agreement): string {
  const share = (value: number) => percent(value).trim();
  const wrong = errors === null ? '' : `, and where the model errs in ${share(errors)}`;
  return `the model agrees with the rule in ${share(rule)}${wrong}; with the right answer in ${share(truth)}`;
}

function readableRule(result: OrdinaryResult): string {
  return `rule of ${result.task}: ${result.words}\non ${result.prompts} prompts of the task ${agreementText(result)}`;
}
