/** Something that is asked for: what is known of it, whether an answer is awaited, and what went wrong. */
import { Void } from './client';

export interface Loaded<T> {
  /** The last answer; it stays in sight until there is another. */
  readonly value: T | null;
  readonly waiting: boolean;
  /** One line. */
  readonly problem: string | null;
}

/** Nothing was asked. */
const NOT_ASKED = { value: null, waiting: false, problem: null } as const;

/** Keeps the newest of one kind of answers. */
export class Slot<T> {
  now: Loaded<T> = NOT_ASKED;
  private newest = 0;

  /** @param changed is called whenever there is something else to show */
  constructor(private readonly changed: () => void) {}

  /** Awaits an answer; those to earlier questions count no more. */
  async await(answer: Promise<T>): Promise<void> {
    const own = ++this.newest;
    this.become({ ...this.now, waiting: true, problem: null });
    try {
      const value = await answer;
      if (own === this.newest) this.become({ value, waiting: false, problem: null });
    } catch (error) {
      if (own !== this.newest) return;
      if (error instanceof Void) this.become({ ...this.now, waiting: false });
      else this.become({ value: null, waiting: false, problem: (error as Error).message });
    }
  }

  /** Forgets what is known and what is awaited. */
  clear(): void {
    this.newest++;
    this.become(NOT_ASKED);
  }

  private become(now: Loaded<T>): void {
    this.now = now;
    this.changed();
  }
}
