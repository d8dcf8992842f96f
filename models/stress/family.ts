/** Families of prompts that strain one part of a circuit: more and more of what should break it. */
import { Rng } from '../random';
import { pools } from '../tasks/words';
import { Writer } from '../tasks/writer';

/** Prompts that differ in one number, with the token that rightly follows them all. */
export interface StressFamily {
  readonly name: string;
  /** File of the chart that it is drawn in, with others that count the same. */
  readonly figure: string;
  /** What stands in the prompts. */
  readonly description: string;
  /** What the number counts, as an axis says it. */
  readonly parameter: string;
  /** Smallest number, and the largest whose prompts fit the shipped models' context. */
  readonly least: number;
  readonly most: number;
  /** The task whose circuit is strained; its answers are these. */
  readonly task: string;
  readonly right: string;
  readonly wrong: string;
  readonly write: (w: Writer, value: number) => string;
}

/** Attempts at a new prompt before a family is said to be too narrow. */
const ATTEMPTS = 100;

/** Different prompts of a family for one number: words from the pool that no circuit was found with. */
export function stressPrompts(
  family: StressFamily,
  value: number,
  count: number,
  seed: number,
): string[] {
  const rng = new Rng('stress', family.name, value, seed);
  const found = new Set<string>();
  for (let tries = 0; found.size < count; tries++) {
    if (tries > count * ATTEMPTS) {
      throw new Error(
        `${family.name} at ${value} has only ${found.size} different prompts; ask for fewer`,
      );
    }
    found.add(family.write(new Writer(rng, pools.proof), value));
  }
  return [...found];
}
