/** Answers what the panel asks: each request ends in its answer, in an error, or in word that it is void. */
import { oneLine } from '../../models/oneLine';
import { reads, readAsk, REQUESTS, type Answer, type Ask, type What } from '../../webview/protocol';
import { isAbort, Newest } from '../cancel';
import { handlers, type Doings, type Handlers } from './handlers';
import type { SessionParts } from './parts';
import type { Session } from './session';

export class Requests {
  private readonly newest = new Map<What, Newest>();
  private readonly handlers: Handlers;

  /** @param send takes answers to the page */
  constructor(
    private readonly session: Session,
    private readonly parts: SessionParts,
    doings: Doings,
    private readonly send: (answer: Answer) => void,
  ) {
    this.handlers = handlers(session, parts, doings);
    session.replaced.on(() => {
      this.drop();
    });
  }

  /** Ends what is under way. */
  rest(): void {
    for (const newest of this.newest.values()) newest.cancel();
  }

  /** Ends what is read of a subject that is shown no more; what changes something goes on. */
  private drop(): void {
    for (const [what, newest] of this.newest) if (reads(what)) newest.cancel();
  }

  /** Takes one message of the panel. */
  receive(data: unknown): void {
    const read = readAsk(data);
    if ('problem' in read) {
      this.parts.log.warn(`circuit panel: a request was ignored: ${read.problem}`);
      if (read.ask) this.send({ type: 'failed', ...read.ask, text: read.problem });
    } else if (read.message.type === 'ready') {
      // A page that was loaded anew waits for nothing of the one before.
      this.rest();
      void this.session.greet();
    } else {
      void this.answer(read.message);
    }
  }

  private async answer({ id, seq, what, asks }: Ask): Promise<void> {
    const { session, parts } = this;
    const current = session.current;
    if (REQUESTS[what].about && current?.seq !== seq) {
      parts.log.debug(`circuit panel: a stale request was ignored: ${what}`);
      this.send({ type: 'void', id, what });
      return;
    }
    const newest = this.newest.get(what) ?? new Newest();
    this.newest.set(what, newest);
    const signal = newest.start();
    try {
      // The table ties each request to its handler and its answer; here any of them may come.
      const handler = this.handlers[what] as (...all: unknown[]) => unknown;
      const tells = (await handler(asks, { current, signal })) ?? null;
      if (signal.aborted) this.send({ type: 'void', id, what });
      else this.send({ type: 'answer', id, what, tells } as Answer);
    } catch (error) {
      if (isAbort(error)) {
        this.send({ type: 'void', id, what });
        return;
      }
      const text = oneLine(error);
      parts.log.warn(`circuit panel: ${what}: ${text}`);
      this.send({ type: 'failed', id, what, text });
    }
  }
}
