/** What the panel asks for, done. What is malformed or about an older subject is not heard. */
import { parseNode } from '../../models/transformer/nodes';
import {
  readToHost,
  type Kind,
  type Place,
  type ToHost,
  type Vertex,
} from '../../webview/protocol';
import { Newest } from '../cancel';
import { withChange } from '../interventions/edit';
import type { SessionParts } from './answers';
import { attentionView, matchView } from './attentionView';
import { isolate } from './isolate';
import { placed } from './positions';
import { readCard } from './readCard';
import type { Current, Session } from './session';

/** What requests do in the editor. */
export interface Doings {
  /** Colors the file by a node, or stops it. */
  color(node: string | null): void;
  /** Moves the editor to a token. */
  reveal(current: Current, token: number): void;
  /** Saves or copies an export. */
  export(current: Current, format: ExportRequest['format'], content: string): Promise<void>;
}
type ExportRequest = Extract<ToHost, { type: 'export' }>;
type About = Extract<ToHost, { seq: number }>;

export class Requests {
  private readonly newest = new Map<About['type'], Newest>();

  constructor(
    private readonly session: Session,
    private readonly parts: SessionParts,
    private readonly doings: Doings,
  ) {}

  /** Ends what is under way. */
  rest(): void {
    for (const newest of this.newest.values()) newest.cancel();
  }

  /** Takes one message of the panel. */
  receive(data: unknown): void {
    const message = readToHost(data);
    if (typeof message === 'string') {
      this.parts.log.warn(`circuit panel: a request was ignored: ${message}`);
      return;
    }
    if ('seq' in message) this.about(message);
    else this.always(message);
  }

  /** Requests that mean the same whatever the subject is. */
  private always(message: Exclude<ToHost, About>): void {
    const { session } = this;
    const { store } = this.parts;
    switch (message.type) {
      case 'ready':
        void session.greet();
        return;
      case 'mode':
        session.setMode(message.mode);
        return;
      case 'pin':
        session.pin(message.on);
        return;
      case 'measure':
        session.setMeasured({ kind: message.kind, place: message.place });
        return;
      case 'color':
        this.doings.color(message.node);
        return;
      case 'switch':
        store.switch(
          store.state.entries.map(({ on }, i) => (i === message.index ? message.on : on)),
        );
        return;
      case 'remove':
        if (message.index < store.state.entries.length) store.remove(message.index);
        return;
      case 'clear':
        store.clear();
        return;
      case 'undo':
        store.undo();
        return;
      case 'redo':
        store.redo();
    }
  }

  private about(message: About): void {
    const { current } = this.session;
    if (current?.seq !== message.seq) {
      this.parts.log.debug(`circuit panel: a stale request was ignored: ${message.type}`);
      return;
    }
    switch (message.type) {
      case 'ablate':
        this.ablate(current, message.vertices, message.kind, message.place);
        return;
      case 'label':
        this.later(current, 'label', async () => {
          const { info } = current.question.snapshot;
          parseNode(message.node, info.config);
          await this.parts.labels.set(info, message.node, message.text);
        });
        return;
      case 'reveal':
        this.doings.reveal(current, message.token);
        return;
      case 'export':
        this.later(current, 'export', () =>
          this.doings.export(this.session.current ?? current, message.format, message.content),
        );
        return;
      case 'card':
        this.later(current, 'card', async (signal) => {
          const card = await readCard(
            this.parts,
            this.session.current ?? current,
            message.node,
            signal,
          );
          this.session.answer(current, signal, { type: 'card', seq: current.seq, card });
        });
        return;
      case 'attention':
        this.later(current, 'attention', async (signal) => {
          const { question } = current;
          const pattern = await this.pattern(current, message, signal);
          const attention = attentionView(question, message, pattern);
          this.session.answer(current, signal, { type: 'attention', seq: current.seq, attention });
        });
        return;
      case 'match':
        this.later(current, 'match', async (signal) => {
          const { question } = current;
          const pattern = await this.pattern(current, message, signal);
          const on = this.session.interventions(current);
          const whole = await this.parts.source.whole(question, on, signal);
          const match = matchView(question, message, message.key, pattern, whole);
          this.session.answer(current, signal, { type: 'match', seq: current.seq, match });
        });
        return;
      case 'isolate':
        this.later(current, 'isolate', async (signal) => {
          const isolation = await isolate(this.parts, current, message, signal);
          this.session.answer(current, signal, { type: 'isolation', seq: current.seq, isolation });
        });
    }
  }

  private pattern(
    current: Current,
    head: { readonly layer: number; readonly head: number },
    signal: AbortSignal,
  ) {
    const on = this.session.interventions(current);
    return this.parts.source.attention(current.question, head, on, signal);
  }

  private ablate(
    { question: { snapshot } }: Current,
    vertices: readonly Vertex[],
    kind: Kind | null,
    place: Place,
  ): void {
    const { store } = this.parts;
    // What is kept is kept where it is shown.
    const changes = placed(vertices, kind ? place : 'at');
    store.replace(
      changes.reduce(
        (state, change) => withChange(state, { ...change, kind, snapshot }),
        store.state,
      ),
    );
  }

  /** Longer work; the next of its kind cancels it. */
  private later(
    current: Current,
    kind: About['type'],
    work: (signal: AbortSignal) => Promise<void>,
  ): void {
    const newest = this.newest.get(kind) ?? new Newest();
    this.newest.set(kind, newest);
    const signal = newest.start();
    void this.session.guarded(current, signal, () => work(signal));
  }
}
