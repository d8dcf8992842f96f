/** The work behind the hovers: two parts of one token, shared, and cancelled by the next token. */
import { Newest } from '../cancel';
import type { InterventionStore } from '../interventions/store';
import type { Place } from '../text/sourceText';
import { tokenAtPlace, type Documents, type Snapshot } from '../trace/documents';
import type { SourceDocument } from '../trace/documents';
import { countActive, strongestNodes, type ActiveNode } from '../trace/tokenTrace';
import { tokenView, type TokenView } from '../trace/tokenView';
import type { At, TokenEffects, Traces } from '../trace/traces';

const CANDIDATES = 5;
/**
 * So many of the most active nodes are ablated ahead of the others. Of the six largest effects four or
 * more are theirs, and they are there in a tenth of the time.
 */
const SAMPLED = 512;

/** One token under the pointer. */
export class HoverToken {
  /** The most active nodes, the most active first. */
  readonly strongest: readonly ActiveNode[];
  /** Number of active nodes. */
  readonly count: number;
  /** Whether the part that comes first could show effects, so that there is no second one. */
  complete = false;
  private measured: TokenEffects | null;
  private measuring: Promise<TokenEffects> | null = null;
  private sampled: TokenEffects | null = null;
  private sampling: Promise<TokenEffects> | null = null;

  constructor(
    readonly view: TokenView,
    readonly at: At,
    private readonly traces: Traces,
    private readonly signal: AbortSignal,
  ) {
    this.strongest = strongestNodes(view.trace, SAMPLED);
    this.count = countActive(view.trace);
    this.measured = traces.knownEffects(at) ?? null;
  }

  get snapshot(): Snapshot {
    return this.at.snapshot;
  }

  /** The effects, when they are known by now. */
  get known(): TokenEffects | null {
    return this.measured;
  }

  /** The effects of the most active nodes, when they are known by now. */
  get knownSample(): TokenEffects | null {
    return this.sampled;
  }

  /** Effects of all active nodes, measured once, after the sample. */
  effects(): Promise<TokenEffects> {
    return (this.measuring ??= this.measure());
  }

  /** Effects of the most active nodes, measured once; of all when they are few, or known already. */
  sample(): Promise<TokenEffects> {
    return (this.sampling ??= this.measureSample());
  }

  private async measure(): Promise<TokenEffects> {
    if (!this.measured && this.count > SAMPLED) await this.sample();
    return (this.measured ??= await this.traces.effects(this.at, this.signal));
  }

  private async measureSample(): Promise<TokenEffects> {
    if (this.measured || this.count <= SAMPLED) return await this.effects();
    const nodes = this.strongest.map(({ node }) => node);
    return (this.sampled = await this.traces.effectsOf(this.at, nodes, this.signal));
  }
}

/** The services that hovers and commands draw on. */
export interface Services {
  readonly documents: Documents;
  readonly traces: Traces;
  readonly store: InterventionStore;
}

/** The token last asked for, told from others by its key, and from other texts by `text`. */
interface Current {
  readonly text: string;
  readonly key: string;
  readonly token: Promise<HoverToken>;
}

export class HoverWork {
  private readonly newest = new Newest();
  private current: Current | null = null;

  constructor(private readonly services: Services) {}

  /** Where a place is in tokens, under what is in force there; null in an empty document. */
  async at(document: SourceDocument, place: Place): Promise<At | null> {
    const { documents, store } = this.services;
    const snapshot = await documents.snapshot(document);
    const token = tokenAtPlace(snapshot, place);
    if (token === undefined) return null;
    return { snapshot, token, interventions: store.active(snapshot) };
  }

  /** What is under a place; null in an empty document. */
  async token(document: SourceDocument, place: Place): Promise<HoverToken | null> {
    const text = `${document.version} ${document.uri.toString()}`;
    // What is measured of another text must not stand in the way of reading this one.
    if (this.current && this.current.text !== text) this.newest.cancel();
    const at = await this.at(document, place);
    if (!at) return null;
    const key = JSON.stringify([text, at.snapshot.info.hash, at.token, at.interventions]);
    if (this.current?.key === key) return await this.current.token;
    const work = this.begin(at);
    const current = { text, key, token: work };
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
    return new HoverToken(view, at, traces, signal);
  }
}
