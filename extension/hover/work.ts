/** The work behind the hovers: two parts of one token, shared, and cancelled by the next token. */
import { Newest } from '../cancel';
import { fitting } from '../interventions/describe';
import type { InterventionStore } from '../interventions/store';
import type { Place } from '../text/sourceText';
import { tokenAtPlace, type Documents, type Snapshot } from '../trace/documents';
import type { SourceDocument } from '../trace/documents';
import { strongestNodes, type ActiveNode } from '../trace/tokenTrace';
import { tokenView, type TokenView } from '../trace/tokenView';
import type { At, TokenEffects, Traces } from '../trace/traces';

const CANDIDATES = 5;
/** Nodes whose effects a hover measures: each costs one pass of the model. */
export const NODES_TRIED = 16;

/** One token under the pointer. */
export class HoverToken {
  private measuring: Promise<TokenEffects> | null = null;
  private waiting: Promise<TokenEffects | null> | null = null;

  constructor(
    readonly view: TokenView,
    /** The strongest nodes, strongest first. */
    readonly nodes: readonly ActiveNode[],
    readonly at: At,
    private readonly traces: Traces,
    private readonly signal: AbortSignal,
  ) {}

  get snapshot(): Snapshot {
    return this.at.snapshot;
  }

  /** Effects of the strongest nodes, measured once. */
  effects(): Promise<TokenEffects> {
    if (!this.measuring) {
      const names = this.nodes.map(({ node }) => node);
      this.measuring = this.traces.effects(this.at, names, this.signal);
    }
    return this.measuring;
  }

  /** The effects, or null when they take longer than the patience of everyone who waits now. */
  soon(milliseconds: number): Promise<TokenEffects | null> {
    if (!this.waiting) {
      const over = new Promise<null>((resolve) => setTimeout(resolve, milliseconds, null));
      this.waiting = Promise.race([this.effects(), over]);
      const again = () => (this.waiting = null);
      this.effects().then(again, again);
    }
    return this.waiting;
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
  private current: { readonly key: string; readonly token: Promise<HoverToken> } | null = null;

  constructor(private readonly services: Services) {}

  /** What is under a place; null where the document has no token. */
  async token(document: SourceDocument, place: Place): Promise<HoverToken | null> {
    const { documents, store } = this.services;
    const snapshot = await documents.snapshot(document);
    const token = tokenAtPlace(snapshot, place);
    if (token === undefined) return null;
    const interventions = fitting(store.active(snapshot.uri), snapshot.info.config);
    const { uri, version, info } = snapshot;
    const key = JSON.stringify([uri, version, info.hash, token, interventions]);
    if (this.current?.key === key) return await this.current.token;
    const work = this.begin({ snapshot, token, interventions });
    const current = { key, token: work };
    this.current = current;
    // What failed or was cancelled is tried anew.
    const forget = () => {
      if (this.current === current) this.current = null;
    };
    work.then((token) => token.effects()).catch(forget);
    return await work;
  }

  private async begin(at: At): Promise<HoverToken> {
    const { traces } = this.services;
    const signal = this.newest.start();
    const view = await tokenView(traces, at, CANDIDATES, signal);
    const nodes = strongestNodes(view.trace).slice(0, NODES_TRIED);
    return new HoverToken(view, nodes, at, traces, signal);
  }
}
