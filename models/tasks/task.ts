/** What a task is, and how one is made from a generator of pairs. */

import { Rng } from '../random';
import { Writer } from './writer';
import { pools } from './words';

/** A prompt and the text of the one token that rightly follows it. */
export interface TaskSide {
  prompt: string;
  answer: string;
}

/** Two prompts that differ only in the cause; `a.answer` and `b.answer` are the two completions. */
export interface TaskPair {
  a: TaskSide;
  b: TaskSide;
}

/**
 * The parts of a task, which share no names or words: masks are trained on the first, nodes are chosen on the
 * second, and circuits are judged on the third, which no search sees. People who looked at proofs did choose by
 * them: which circuit ships, a margin and two rules.
 */
export const TASK_PARTS = ['masks', 'selection', 'proof'] as const;
export type TaskPart = (typeof TASK_PARTS)[number];

/** A next-token choice between two completions. */
export interface Task {
  name: string;
  /** What decides the answer, and how the form differs from the paper's where it does. */
  description: string;
  /**
   * `count` different pairs; the same arguments give the same pairs.
   * @param check called before every pair; throws to stop
   */
  pairs(seed: number, count: number, part: TaskPart, check?: () => void): TaskPair[];
}

/** Names of the random streams; they stay, so that what was measured on a part stays comparable. */
const STREAMS: Record<TaskPart, string> = { masks: 'train', selection: 'selection', proof: 'test' };

/** Attempts at a new pair before the task is said to be too narrow. */
const ATTEMPTS = 100;

/** A task from a generator of single pairs. */
export function makeTask(
  name: string,
  description: string,
  makePair: (w: Writer) => TaskPair,
): Task {
  const pairs: Task['pairs'] = (seed, count, part, check) => {
    const rng = new Rng('task', name, STREAMS[part], seed);
    const found = new Map<string, TaskPair>();
    for (let tries = 0; found.size < count; tries++) {
      check?.();
      if (tries > count * ATTEMPTS) {
        throw new Error(`task ${name} has only ${found.size} different pairs; ask for fewer`);
      }
      const pair = makePair(new Writer(rng, pools[part]));
      found.set(pair.a.prompt + pair.b.prompt, pair);
    }
    return [...found.values()];
  };
  return { name, description, pairs };
}

/** A pair from two prompts and their answers. */
export function pairOf(a: [string, string], b: [string, string]): TaskPair {
  return { a: { prompt: a[0], answer: a[1] }, b: { prompt: b[0], answer: b[1] } };
}
