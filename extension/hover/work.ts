/** The work behind hovers and commands: a token as a person is shown it, and why it is predicted so. */
import { Newest } from '../cancel';
import type { InterventionStore } from '../interventions/store';
import type { Place } from '../text/sourceText';
import { tokenAtPlace, type Documents, type Snapshot } from '../trace/documents';
import type { SourceDocument } from '../trace/documents';
import { countActive, strongestNodes, type ActiveNode } from '../trace/tokenTrace';
import { tokenView, type TokenView } from '../trace/tokenView';
import type { At, Question, TokenEffects, Traces } from '../trace/traces';

/** Likeliest tokens that are read off; what is observed, or was likeliest before, comes on top. */
export const CANDIDATES = 5;
/**
 * So many nodes are ablated, those that an estimate ranks first: the largest effects are among them, and
 * they are there a hundred times as soon as those of all active nodes.
 */
const LEADING = 64;

/** One token, and what can be asked of the prediction made at it. */
export class HoverToken {
  constructor(
    readonly view: TokenView,
    readonly at: At,
    private readonly traces: Traces,
    private readonly signal: AbortSignal | undefined,
  ) {}

  get snapshot(): Snapshot {
    return this.at.snapshot;
  }

  /** Number of active nodes. */
  get count(): number {
    return countActive(this.view.trace);
  }

  /** Active nodes, the most active first. */
  get strongest(): ActiveNode[] {
    return strongestNodes(this.view.trace);
  }

  /** Why the likeliest token is predicted. */
  get why(): Question {
    return { target: this.view.candidates[0].id, contrast: null };
  }

  /** Why the likeliest token is predicted and not the one that follows; null where they are the same. */
  get whyNot(): Question | null {
    const { target } = this.why;
    const observed = this.view.candidates.find((candidate) => candidate.observed);
    return observed && observed.id !== target ? { target, contrast: observed.id } : null;
  }

  /** Measured effects of the nodes that matter most, largest first. */
  leading(question = this.why): Promise<TokenEffects> {
    return this.traces.effects(this.at, question, { count: LEADING, signal: this.signal });
  }
}

/** The services that hovers and commands draw on. */
export interface Services {
  readonly documents: Documents;
  readonly traces: Traces;
  readonly store: InterventionStore;
}

export class HoverWork {
  private readonly newest = new Newest();
  /** The token that the pointer rests on, by its place; asking for the same again cancels nothing. */
  private current = '';
  private signal: AbortSignal | null = null;

  constructor(private readonly services: Services) {}

  /** Where a place is in tokens, under what is in force there; null in an empty document. */
  async at(document: SourceDocument, place: Place): Promise<At | null> {
    const { documents, store } = this.services;
    const snapshot = await documents.snapshot(document);
    const token = tokenAtPlace(snapshot, place);
    if (token === undefined) return null;
    return { snapshot, token, interventions: store.active(snapshot) };
  }

  /** What is under the pointer, which ends the work on what it rested on before; null in an empty document. */
  async pointed(document: SourceDocument, place: Place): Promise<HoverToken | null> {
    const text = `${document.version} ${document.uri.toString()}`;
    // What is measured of another text must not stand in the way of reading this one.
    if (!this.current.startsWith(text)) this.newest.cancel();
    const at = await this.at(document, place);
    if (!at) return null;
    const current = `${text} ${at.token}`;
    if (this.current !== current || !this.signal || this.signal.aborted) {
      this.current = current;
      this.signal = this.newest.start();
    }
    return await this.read(at, this.signal);
  }

  /** What is at a place, for a command: nothing that the pointer does ends it. */
  async own(document: SourceDocument, place: Place): Promise<HoverToken | null> {
    const at = await this.at(document, place);
    return at && (await this.read(at, undefined));
  }

  private async read(at: At, signal: AbortSignal | undefined): Promise<HoverToken> {
    const { traces } = this.services;
    return new HoverToken(await tokenView(traces, at, CANDIDATES, signal), at, traces, signal);
  }
}
