/** Runs the prompts of predicted families and sets what the model does beside what was predicted. */
import type { Model } from '../runtime/model';
import { promptsOf } from '../tasks/prompts';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { LOGPROBS } from '../transformer/graphs';
import { parseNode, siteName } from '../transformer/nodes';
import { stressPrompts, type StressFamily } from './family';
import type { Prediction } from './predictions';

/** One prompt and what the model made of it. */
export interface Strained {
  readonly parameter: number;
  readonly prompt: string;
  /** Log-odds of the right answer against the wrong one, nats. */
  readonly margin: number;
  /** Of the node that is said to decide, at the last token. */
  readonly activation: number;
}

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
  readonly points: readonly StressPoint[];
}

export interface StressOptions {
  readonly model: Pick<Model, 'run'>;
  readonly config: TransformerConfig;
  readonly tokenizer: Tokenizer;
  /** Prompts of each number. */
  readonly prompts: number;
  readonly seed: number;
  readonly onProgress: (family: string, done: number, total: number) => void;
}

/** Prompts that run together. */
const BATCH = 20;

/** What the model does on the prompts of a predicted family. */
export async function stress(
  prediction: Prediction,
  options: StressOptions,
): Promise<{ result: StressResult; strained: Strained[] }> {
  const { family, node, because, answers } = prediction;
  const strained: Strained[] = [];
  for (const [i, { parameter }] of answers.entries()) {
    strained.push(...(await strain(family, node, parameter, options)));
    options.onProgress(family.name, i + 1, answers.length);
  }
  const points = answers.map(({ parameter, answer }) => {
    return pointOf(family, answer, parameter, strained.filter((one) => one.parameter === parameter)); // prettier-ignore
  });
  const wanted = new Map(answers.map(({ parameter, answer }) => [parameter, answer]));
  const held = strained.filter(
    ({ parameter, margin }) => answered(family, margin) === wanted.get(parameter),
  );
  const activations = strained.map(({ activation }) => activation);
  const result: StressResult = {
    ...{ family: family.name, figure: family.figure, task: family.task },
    description: family.description,
    ...{ counts: family.parameter, right: family.right, wrong: family.wrong, node, because },
    threshold: { predicted: prediction.threshold, measured: thresholdOf(points) },
    prompts: strained.length,
    held: held.length / strained.length,
    correlation: {
      error: correlation(
        activations,
        strained.map(({ margin }) => (margin > 0 ? 0 : 1)),
      ),
      margin: correlation(
        activations,
        strained.map(({ margin }) => margin),
      ),
    },
    points,
  };
  return { result, strained };
}

const answered = ({ right, wrong }: StressFamily, margin: number) => (margin > 0 ? right : wrong);

function pointOf(
  family: StressFamily,
  predicted: string,
  parameter: number,
  strained: readonly Strained[],
): StressPoint {
  const mean = (of: (one: Strained) => number) =>
    strained.reduce((sum, one) => sum + of(one), 0) / strained.length;
  const right = mean(({ margin }) => (margin > 0 ? 1 : 0));
  return {
    ...{ parameter, predicted, answered: answered(family, right - 0.5) },
    ...{ prompts: strained.length, right },
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

/** The prompts of one number, run. */
async function strain(
  family: StressFamily,
  node: string,
  parameter: number,
  { model, config, tokenizer, prompts: count, seed }: StressOptions,
): Promise<Strained[]> {
  const { layer, site, index } = parseNode(node, config);
  const name = siteName(layer, site);
  const width = siteWidth(config, site);
  const texts = stressPrompts(family, parameter, count, seed);
  const sides = texts.map((prompt) => ({
    a: { prompt, answer: family.right },
    b: { prompt, answer: family.wrong },
  }));
  const where = () => `${family.name} at ${parameter}`;
  const all = promptsOf(sides, { tokenizer, context: config.context, where });
  // Both sides of a pair are the same prompt.
  const own = all.filter((_, i) => i % 2 === 0);
  const found: Strained[] = [];
  for (let from = 0; from < own.length; from += BATCH) {
    const part = own.slice(from, from + BATCH);
    const length = Math.max(...part.map(({ tokens }) => tokens.length));
    const tokens = new Int32Array(part.length * length);
    // Padded at the end, where no earlier position sees it.
    part.forEach((prompt, row) => {
      tokens.set(prompt.tokens, row * length);
    });
    const lasts = [...new Set(part.map((prompt) => prompt.tokens.length - 1))];
    const batch = { batch: part.length, tokens, read: Int32Array.from(lasts), edits: new Map() };
    const outputs = await model.run({ ...batch, outputs: [LOGPROBS, name] });
    const logprobs = outputs.get(LOGPROBS)!;
    const activations = outputs.get(name)!;
    part.forEach(({ tokens: ids, first, second }, row) => {
      const last = ids.length - 1;
      const at = (row * lasts.length + lasts.indexOf(last)) * config.vocab;
      found.push({
        ...{ parameter, prompt: texts[from + row] },
        margin: logprobs[at + first] - logprobs[at + second],
        activation: activations[(row * length + last) * width + index],
      });
    });
  }
  return found;
}
