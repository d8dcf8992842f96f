/** `circuitscope tasks` and `circuitscope task`: what the model can decide, and how well. */
import { tasks as allTasks } from '../tasks';
import type { TaskReport } from '../circuits/evaluate';
import { MOST_PAIRS } from '../tasks/source';
import { bundleDir, evaluate, pairsRequest, withJob } from './circuitOptions';
import {
  parseOptions,
  print,
  printJson,
  refuseOptions,
  UsageError,
  wholeNumber,
  type Command,
} from './command';
import { percent, signed, table } from './format';
import { bundleOption } from './places';

const DEFAULT_PAIRS = '64';
const common = {
  ...bundleOption,
  pairs: { type: 'string' },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
} as const;

export const tasks: Command = {
  summary: 'measure the model on the twenty tasks',
  help: `circuitscope tasks [options]

Measures the model's loss (nats) and accuracy on every task, a choice of the next token between two answers.
Names and words in the prompts occur in no training or pruning prompt.

  --list             list names and descriptions only; needs no model
  --pairs N          pairs of prompts for each task, 64 by default
  --seed S           seed of the prompts, 1 by default
  --bundle NAME|DIR  model, python-sparse by default
  --json             print JSON`,

  async run(args) {
    const options = { ...common, list: { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseOptions('tasks', args, options);
    if (positionals.length > 0) {
      throw new UsageError(
        `tasks takes no arguments; for one task use circuitscope task ${positionals[0]}`,
      );
    }
    const count = wholeNumber('--pairs', values.pairs ?? DEFAULT_PAIRS, 1, MOST_PAIRS);
    const seed = wholeNumber('--seed', values.seed, 0);
    if (values.list) {
      refuseOptions('tasks', args, ['--pairs', '--seed', '--bundle'], '--list measures nothing');
      const listed = allTasks.map(({ name, description }) => ({ name, description }));
      if (values.json) printJson(listed);
      else print(listed.map(({ name, description }) => `${name}\n    ${description}`).join('\n'));
      return;
    }
    const dir = bundleDir(values.bundle);
    const reports: Omit<TaskReport, 'shown'>[] = [];
    await withJob(async (job, label) => {
      for (const { name } of allTasks) {
        label.text = `${name}: `;
        const report = await evaluate(dir, { task: name }, { count, seed }, job);
        const { pairs, loss, accuracy } = report;
        reports.push({ name, pairs, loss, accuracy });
      }
    });
    if (values.json) printJson(reports);
    else print(readableTable(reports));
  },
};

export const task: Command = {
  summary: 'measure the model on one task, or on your own pairs of prompts',
  help: `circuitscope task NAME|--file FILE [options]

Measures the model's loss (nats) and accuracy on the pairs of a task, or of a file of JSON lines:
{"a": {"prompt": "print('x", "answer": "')"}, "b": {"prompt": "print(\\"x", "answer": "\\")"}}
Each answer must be one token.

  --pairs N          number of pairs, 64 by default, or all pairs of a file
  --seed S           seed of the prompts, 1 by default
  --show K           also print K pairs with the log-odds (nats) of their right answers
  --bundle NAME|DIR  model, python-sparse by default
  --json             print JSON`,

  async run(args) {
    const options = {
      ...common,
      file: { type: 'string' },
      show: { type: 'string', default: '0' },
    } as const;
    const { values, positionals } = parseOptions('task', args, options);
    const pairs = pairsRequest('task', positionals, values.file);
    const show = wholeNumber('--show', values.show, 0);
    const whole = values.file !== undefined && values.pairs === undefined;
    const count = whole
      ? Infinity
      : wholeNumber('--pairs', values.pairs ?? DEFAULT_PAIRS, 1, MOST_PAIRS);
    const seed = wholeNumber('--seed', values.seed, 0);
    const dir = bundleDir(values.bundle);
    const { shown, ...report } = await withJob((job) =>
      evaluate(dir, pairs, { count, seed, show }, job),
    );
    if (values.json) {
      printJson(show > 0 ? { ...report, examples: shown } : report);
      return;
    }
    const examples = shown.map(
      ({ prompt, answer, margin }) =>
        `${prompt}\n    ${margin > 0 ? 'right' : 'WRONG'}: ${JSON.stringify(answer)} ${signed(margin)} nats`,
    );
    print([readableTable([report]), ...examples].join('\n\n'));
  },
};

function readableTable(reports: readonly Omit<TaskReport, 'shown'>[]): string {
  const rows = reports.map(({ name, pairs, loss, accuracy }) => [
    name,
    pairs,
    loss.toFixed(4),
    percent(accuracy).trim(),
  ]);
  return table([['task', 'pairs', 'loss (nats)', 'accuracy'], ...rows]);
}
