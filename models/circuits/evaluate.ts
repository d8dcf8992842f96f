/** Loss and accuracy of a model on the prompt pairs of a task. */
import type { PairPart, PairSource } from '../tasks/source';
import { accuracyOf, lossOf } from './search/calibration';
import type { CircuitModel } from './search/model';
import { NodeSet } from '../transformer/nodeSet';

/** A prompt with the model's answer. */
export interface Answered {
  readonly prompt: string;
  readonly answer: string;
  /** Log-odds of the right answer against the other, nats. */
  readonly margin: number;
}

export interface TaskReport {
  readonly name: string;
  readonly pairs: number;
  /** Cross-entropy between the two answers, nats, mean over both sides of the pairs. */
  readonly loss: number;
  /** Share of prompts in which the right answer leads. */
  readonly accuracy: number;
  readonly shown: readonly Answered[];
}

export interface EvaluateOptions {
  readonly seed: number;
  readonly pairs: number;
  readonly part: PairPart;
  /** Pairs to return with their margins. */
  readonly show: number;
}

/** Runs the whole model on the pairs of a source. */
export async function evaluateTask(
  model: CircuitModel,
  source: PairSource,
  { seed, pairs, part, show }: EvaluateOptions,
): Promise<TaskReport> {
  const prompts = model.prompts(source, seed, pairs, part);
  const all = NodeSet.all(model.bundle.config);
  const differences = await model.differences(prompts, all, { means: model.frozen('mean') });
  const signs = prompts.map(({ sign }) => sign);
  const shown = source
    .pairs(seed, Math.min(show, pairs), part)
    .flatMap(({ pair: { a, b } }) => [a, b])
    .map((side, i) => ({ ...side, margin: signs[i] * differences[i] }));
  return {
    name: source.name,
    pairs: prompts.length / 2,
    loss: lossOf(differences, signs),
    accuracy: accuracyOf(differences, signs),
    shown,
  };
}
