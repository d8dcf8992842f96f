/** The twenty tasks as prompts of a model. */
import { tasks, type TaskPart } from '../../tasks';
import { PromptError, type Prompt } from '../../tasks/prompts';
import { sourceOf } from '../../tasks/source';
import type { CircuitModel } from './model';

/** Prompts of a task: side a of pair i at 2i, side b at 2i + 1. */
export interface TaskPrompts {
  readonly name: string;
  readonly prompts: readonly Prompt[];
}

/**
 * Pairs from a part of each task. Tasks that do not fit the model are left out: prompts that are too long,
 * or answers of several tokens.
 */
export function fittingTasks(
  model: CircuitModel,
  { seed, pairs, part }: { readonly seed: number; readonly pairs: number; readonly part: TaskPart },
): TaskPrompts[] {
  return tasks.flatMap(({ name }) => {
    try {
      return [{ name, prompts: model.prompts(sourceOf({ task: name }), seed, pairs, part) }];
    } catch (error) {
      // Anything else, such as a cancellation, must not be taken for a task that does not fit.
      if (!(error instanceof PromptError)) throw error;
      return [];
    }
  });
}
