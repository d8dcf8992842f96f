/** Runs the prompts of predicted families and sets what the model does beside what was predicted. */
import type { PythonParser } from '../syntax/parser';
import { agreement, type Agreement } from './agreement';
import { answerOf, ask, type Asked, type Reply } from './ask';
import { stressPrompts, type StressFamily } from './family';
import type { Prediction } from './predictions';
import { ruleOf } from './rules';

/** What was measured for one number. */
export interface StressPoint {
  readonly parameter: number;
  readonly predicted: string;
  /** What most prompts were answered. */
  readonly answered: string;
  readonly prompts: number;
  /** Share of prompts that were answered rightly. */
  readonly right: number;
  /** Mean log-odds of the right answer (nats), and mean activation of the node. */
  readonly margin: number;
  readonly activation: number;
}

export interface StressResult {
  readonly family: string;
  /** File of the chart that it is drawn in. */
  readonly figure: string;
  readonly task: string;
  readonly description: string;
  readonly counts: string;
  readonly right: string;
  readonly wrong: string;
  readonly node: string;
  readonly because: string;
  /** Number at which half of the prompts are answered wrongly; null where that does not happen. */
  readonly threshold: { readonly predicted: number | null; readonly measured: number | null };
  readonly prompts: number;
  /** Share of prompts whose answer was predicted. */
  readonly held: number;
  /**
   * Correlation over the prompts of the node's activation with whether the answer is wrong, and with
   * the log-odds of the right answer; null where one of them never varies.
   */
  readonly correlation: { readonly error: number | null; readonly margin: number | null };
  /** Of the rule of the task's circuit; null where none was written. */
  readonly rule: Agreement | null;
  readonly points: readonly StressPoint[];
}

export interface StressOptions extends Asked {
  readonly parser: PythonParser;
  /** Prompts of each number. */
  readonly prompts: number;
  readonly seed: number;
  readonly onProgress: (family: string, done: number, total: number) => void;
}

/** What the model does on the prompts of a predicted family. */
export async function stress(
  prediction: Prediction,
  options: StressOptions,
): Promise<StressResult> {
  const { family, node, because, answers, threshold } = prediction;
  const { name, figure, task, description, parameter: counts, right, wrong } = family;
  const { tokenizer, parser, prompts, seed } = options;
  const points: StressPoint[] = [];
  const all: Reply[] = [];
  let held = 0;
  for (const { parameter, answer } of answers) {
    const texts = stressPrompts(family, parameter, prompts, seed);
    const questions = texts.map((prompt) => ({ prompt, right, wrong }));
    const replies = await ask(options, questions, node, `${name} at ${parameter}`);
    points.push(pointOf(family, answer, parameter, replies));
    held += replies.filter((reply) => answerOf(reply) === answer).length;
    all.push(...replies);
    options.onProgress(name, points.length, answers.length);
  }
  const activations = all.map(({ activation }) => activation);
  const errors = all.map(({ margin }) => (margin > 0 ? 0 : 1));
  const margins = all.map(({ margin }) => margin);
  const rule = ruleOf(task);
  return {
    ...{ family: name, figure, task, description, counts, right, wrong, node, because },
    threshold: { predicted: threshold, measured: thresholdOf(points) },
    prompts: all.length,
    held: held / all.length,
    correlation: {
      error: correlation(activations, errors),
      margin: correlation(activations, margins),
    },
    rule: rule && agreement(rule, all, tokenizer, parser),
    points,
  };
}

function pointOf(
  { right, wrong }: StressFamily,
  predicted: string,
  parameter: number,
  replies: readonly Reply[],
): StressPoint {
  const mean = (of: (one: Reply) => number) =>
    replies.reduce((sum, one) => sum + of(one), 0) / replies.length;
  const share = mean(({ margin }) => (margin > 0 ? 1 : 0));
  return {
    ...{ parameter, predicted, answered: share > 0.5 ? right : wrong },
    ...{ prompts: replies.length, right: share },
    margin: mean(({ margin }) => margin),
    activation: mean(({ activation }) => activation),
  };
}

/** Where the share of right answers first falls to one half, on straight lines between the points. */
export function thresholdOf(
  points: readonly Pick<StressPoint, 'parameter' | 'right'>[],
): number | null {
  const at = points.findIndex(({ right }) => right <= 0.5);
  if (at < 0) return null;
  if (at === 0) return points[0].parameter;
  const [before, after] = [points[at - 1], points[at]];
  const share = (before.right - 0.5) / (before.right - after.right);
  return before.parameter + share * (after.parameter - before.parameter);
}

/** Pearson's correlation; null where either side never varies. */
export function correlation(xs: readonly number[], ys: readonly number[]): number | null {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [x, y] = [mean(xs), mean(ys)];
  let [xx, yy, xy] = [0, 0, 0];
  xs.forEach((value, i) => {
    xx += (value - x) ** 2;
    yy += (ys[i] - y) ** 2;
    xy += (value - x) * (ys[i] - y);
  });
  return xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy);
}
