/** Asks the extension, and gives each answer to whoever asked. */
import type { Answer, Ask, Asks, Tells, ToHost, What } from './protocol';

/** Nobody needs the answer any more. */
export class Void extends Error {
  override readonly name = 'Void';
}

interface Waiting {
  readonly what: What;
  readonly resolve: (tells: never) => void;
  readonly reject: (error: Error) => void;
}

export class Client {
  private id = 0;
  private readonly waiting = new Map<number, Waiting>();

  /** @param seq number of the subject that is shown */
  constructor(
    private readonly send: (message: ToHost) => void,
    private readonly seq: () => number,
  ) {}

  /**
   * Asks something.
   * @throws the extension's one line, or `Void`
   */
  ask<W extends What>(what: W, asks: Asks<W>): Promise<Tells<W>> {
    const id = ++this.id;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { what, resolve, reject });
      this.send({ type: 'ask', id, seq: this.seq(), what, asks } as Ask);
    });
  }

  /** Takes an answer; one that nobody waits for, or of another type, changes nothing. */
  take(answer: Answer): void {
    const waiting = this.waiting.get(answer.id);
    if (waiting?.what !== answer.what) return;
    this.waiting.delete(answer.id);
    switch (answer.type) {
      case 'answer':
        waiting.resolve(answer.tells as never);
        return;
      case 'failed':
        waiting.reject(new Error(answer.text));
        return;
      case 'void':
        waiting.reject(new Void());
    }
  }
}
