/** The twenty tasks of the paper (arXiv 2511.13653): next-token choices with a cause to be found. */

import { controlTasks } from './control';
import { literalTasks } from './literals';
import type { Task } from './task';
import { variableTasks } from './variables';

export { TASK_PARTS, type Task, type TaskPair, type TaskPart } from './task';

/** All twenty tasks. */
export const tasks: readonly Task[] = [...literalTasks, ...variableTasks, ...controlTasks];

/** Accuracy from which a task counts as solved. */
export const SOLVED = 0.95;

/** The task of a name; null where there is none. */
export function taskNamed(name: string): Task | null {
  return tasks.find((known) => known.name === name) ?? null;
}

/** The task of a name. Throws with the list of names where there is none. */
export function findTask(name: string): Task {
  const task = taskNamed(name);
  if (!task) {
    throw new Error(`no task ${name}; the tasks are ${tasks.map((t) => t.name).join(', ')}`);
  }
  return task;
}
