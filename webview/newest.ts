/** Keeps answers on an older subject from being shown. */
import type { ToPanel } from './protocol';

export class Newest {
  private seq = -1;

  /** Number of the subject that is shown. */
  get current(): number {
    return this.seq;
  }

  /** Whether a message is about the subject that is shown, or opens a newer one. */
  takes(message: ToPanel): boolean {
    if (!('seq' in message)) return true;
    const opens = message.type === 'subject' || message.type === 'empty';
    if (opens ? message.seq < this.seq : message.seq !== this.seq) return false;
    this.seq = message.seq;
    return true;
  }
}
